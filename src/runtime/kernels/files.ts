import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processorHas } from '../device.ts';

/** Where the kernels' sources are. */
export const NATIVE = fileURLToPath(new URL('native/', import.meta.url));

/** What the kernels are compiled for, the fastest first: the compiler's options, and what the processor must have. */
export const INSTRUCTION_SETS = {
  avx512: {
    options: ['-mavx2', '-mfma', '-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw'],
    needs: ['avx2', 'fma', 'avx512f', 'avx512vl', 'avx512dq', 'avx512bw'],
  },
  avx2: { options: ['-mavx2', '-mfma'], needs: ['avx2', 'fma'] },
} as const;

export type InstructionSet = keyof typeof INSTRUCTION_SETS;

const SETS = Object.keys(INSTRUCTION_SETS) as InstructionSet[];

/** Sources and headers, in one order. */
const names = (): string[] => readdirSync(NATIVE).sort();

/** The files that are compiled. */
export const sources = (): string[] => names().flatMap((name) => (name.endsWith('.cc') ? join(NATIVE, name) : []));

let folder: string | undefined;

/** Folder of the compiled kernels in a set-up: another one for other sources. */
export function kernelsFolder(setUp: string): string {
  if (folder === undefined) {
    const hash = createHash('sha256');
    for (const name of names()) hash.update(`${name}\n`).update(readFileSync(join(NATIVE, name)));
    folder = `kernels-${hash.digest('hex').slice(0, 12)}`;
  }
  return join(setUp, 'lib', folder);
}

export const kernelsFile = (setUp: string, set: InstructionSet): string => join(kernelsFolder(setUp), `${set}.so`);

export const areCompiled = (setUp: string): boolean => SETS.every((set) => existsSync(kernelsFile(setUp, set)));

/** What this processor has of them. BANYAN_KERNELS names another one that it has, or is `off`: for tests and comparisons. */
export function instructionSet(): InstructionSet | undefined {
  const { BANYAN_KERNELS } = process.env;
  if (BANYAN_KERNELS === 'off') return undefined;
  const there = SETS.filter((set) => INSTRUCTION_SETS[set].needs.every(processorHas));
  return there.find((set) => set === BANYAN_KERNELS) ?? there[0];
}

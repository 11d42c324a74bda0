import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BanyanError } from '../../error.ts';
import { processorHas } from '../install/device.ts';

/** Where the kernels' sources are. */
export const NATIVE = fileURLToPath(new URL('native/', import.meta.url));

const AVX2 = ['avx2', 'fma'];
const AVX512 = [...AVX2, 'avx512f', 'avx512vl', 'avx512dq', 'avx512bw'];
const set = (features: readonly string[]) => ({
  options: features.map((feature) => `-m${feature.replace('_', '-')}`),
  needs: features,
});

/** What the kernels are compiled for, the fastest first: the compiler's options, and what the processor must have. */
export const INSTRUCTION_SETS = {
  amx: set([...AVX512, 'amx_tile', 'amx_bf16']),
  avx512: set(AVX512),
  avx2: set(AVX2),
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

/** The word in BANYAN_KERNELS, if any. @throws BanyanError `runtime` for one that is not known. */
export function wantedKernels(): InstructionSet | 'off' | undefined {
  const { BANYAN_KERNELS } = process.env;
  const words = ['off', ...SETS] as const;
  const word = words.find((candidate) => candidate === BANYAN_KERNELS);
  if (word !== undefined || !BANYAN_KERNELS) return word;
  throw new BanyanError(
    'runtime',
    `BANYAN_KERNELS is set to "${BANYAN_KERNELS}", expected one of ${words.join(', ')}. Set it to one of them, or unset it.`,
  );
}

/** Lists what this processor has of them, the fastest first. BANYAN_KERNELS names one that comes before the others, or is `off`. */
export function instructionSets(): InstructionSet[] {
  const wanted = wantedKernels();
  if (wanted === 'off') return [];
  const there = SETS.filter((set) => INSTRUCTION_SETS[set].needs.every(processorHas));
  return there.sort((a, b) => Number(b === wanted) - Number(a === wanted));
}

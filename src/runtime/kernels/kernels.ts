import { createRequire } from 'node:module';
import { BanyanError } from '../../error.ts';
import { inTurn, note, noted, pin } from '../install/process.ts';
import { areCompiled, type InstructionSet, instructionSets, kernelsFile } from './files.ts';

let inUse: InstructionSet | undefined;
let wanted = false;

/** Makes the framework's own kernels known to the TensorFlow of this process, where they can be had; says in a sentence which. */
export function startKernels(setUp: string | undefined, threads: number): string {
  const sets = instructionSets();
  if (process.env.BANYAN_KERNELS === 'off') return 'BANYAN_KERNELS turns the own kernels off.';
  if (sets.length === 0) return 'The own kernels are not used: this processor has no AVX2.';
  if (setUp === undefined || !areCompiled(setUp))
    return 'The own kernels are not set up; `banyan setup` compiles them.';
  return inTurn(() => {
    // TensorFlow takes each operation once in a process: another thread may have brought them, by these or by other files.
    const before = noted(NOTE);
    const all = sets.map((set) => ({ set, file: kernelsFile(setUp, set) }));
    const possible = before === undefined ? all : all.filter(({ file }) => file === before);
    if (possible.length === 0)
      return `The own kernels are not used: another thread of this process has begun with ${before}.`;
    // A system may forbid what the processor has.
    const found = possible.find(({ file }) => register(file, threads));
    inUse = found?.set;
    if (found === undefined) return 'The own kernels are not used: this system does not permit them.';
    note(NOTE, found.file);
    return `Linear layers, convolutions, attention and more run in own kernels (${found.set}).`;
  });
}

/** What all threads of the process know: the file whose kernels TensorFlow has. */
const NOTE = 'kernels';

/**
 * Tells whether the system permits the kernels of a file; TensorFlow knows them then.
 *
 * @throws BanyanError `runtime` where the library does not load or TensorFlow refuses what is in it.
 */
function register(file: string, threads: number): boolean {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const refused = (why: string, cause?: unknown) =>
    new BanyanError(
      'runtime',
      `The kernels in ${file} cannot be used: ${why}. Delete them, and run \`banyan setup\`.`,
      { cause },
    );
  let failure: string | null;
  try {
    const library = koffi.load(file);
    if (!library.func('bool banyan_permitted()')()) return false;
    // TensorFlow will call into it for good.
    pin(file);
    failure = library.func('const char *banyan_register(int)')(threads) as string | null;
  } catch (error) {
    throw refused((error as Error).message, error);
  }
  if (failure !== null) throw refused(failure);
  return true;
}

/** The instruction set of the kernels in use, if any. */
export const kernelsInUse = (): InstructionSet | undefined => inUse;

/**
 * Tells whether the framework's own kernels (`Banyan…`) are there for the computation at hand: a graph on a CPU, after `banyan setup`.
 * Operation by operation TensorFlow's own do the work: what they give is what the kernels are held against.
 */
export const hasKernels = (): boolean => wanted;

/** Runs `work` with the kernels, or without. */
export function withKernels<T>(possible: boolean, work: () => T): T {
  wanted = possible;
  try {
    return work();
  } finally {
    wanted = false;
  }
}

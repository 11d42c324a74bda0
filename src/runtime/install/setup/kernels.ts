import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSTRUCTION_SETS, type InstructionSet, kernelsFolder, sources } from '../../kernels/files.ts';
import { stepFailed } from './failure.ts';
import type { Progress } from './progress.ts';
import { sha256Of } from './sha256.ts';
import { publish } from './staging.ts';
import { run } from './tools.ts';

/** Beside the compiled kernels: their digests, by file. */
export const DIGESTS = 'sha256.json';

/** Compiles the framework's own kernels for a set-up's TensorFlow, in `staging`, and puts them into the set-up by one rename. */
export async function compileKernels(setUp: string, staging: string, progress: Progress): Promise<void> {
  progress.begin('Compiling the kernels');
  const compiled = join(staging, 'kernels');
  mkdirSync(compiled);
  const compile = (set: InstructionSet) =>
    run('g++', [
      ...['-O3', '-std=c++17', '-shared', '-fPIC', '-fvisibility=hidden', '-Wno-psabi'],
      ...INSTRUCTION_SETS[set].options,
      ...sources(),
      ...['-L', join(setUp, 'deps/lib'), '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
      ...['-pthread', '-o', join(compiled, `${set}.so`)],
    ]);
  try {
    await Promise.all((Object.keys(INSTRUCTION_SETS) as InstructionSet[]).map(compile));
  } catch (error) {
    throw stepFailed('Compiling the kernels', error, 'Use g++ 11 or later, and run `banyan setup` again.');
  }
  const files = readdirSync(compiled).map(async (name) => [name, await sha256Of(join(compiled, name))] as const);
  writeFileSync(join(compiled, DIGESTS), `${JSON.stringify(Object.fromEntries(await Promise.all(files)), null, 2)}\n`);
  mkdirSync(dirname(kernelsFolder(setUp)), { recursive: true });
  publish(compiled, kernelsFolder(setUp));
  progress.end();
}

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processorHas } from '../../../src/runtime/install/device.ts';
import { INSTRUCTION_SETS, type InstructionSet } from '../../../src/runtime/kernels/files.ts';
import { temporaryFolder } from '../../repository.ts';
import { canSetUp, child, command } from '../install/fake-toolchain.ts';

const folder = temporaryFolder();
const sets = (Object.keys(INSTRUCTION_SETS) as InstructionSet[]).filter((set) =>
  INSTRUCTION_SETS[set].needs.every(processorHas),
);

// Operations are registered once in a process, so each set has one of its own.
it.each(sets)(
  'the kernels for %s give what TensorFlow gives, the same with any number of threads',
  { timeout: 120_000 },
  async (set) => {
    const run = async (threads: number) => {
      const env = { ...process.env, BANYAN_KERNELS: set, THREADS: String(threads) };
      const { code, out, err } = await child(['test/runtime/kernels/kernels-child.ts'], env);
      expect(err).toBe('');
      expect(code).toBe(0);
      return JSON.parse(out) as { set: string; errors: Record<string, number>; digest: string };
    };
    const one = await run(1);
    expect(one.set).toBe(set);
    expect(Object.keys(one.errors).length).toBe(24);
    for (const [kernel, error] of Object.entries(one.errors)) expect(error, kernel).toBeLessThan(1e-5);
    const three = await run(3);
    expect(three.digest).toBe(one.digest);
  },
);

it.runIf(canSetUp && sets.includes('amx'))(
  'the next instruction set is taken where the system permits no tiles',
  async () => {
    const library = join(folder, 'no-tiles.so');
    command('g++', '-shared', '-fPIC', join(import.meta.dirname, 'no-tiles.cc'), '-o', library);
    const { BANYAN_KERNELS: _, ...env } = process.env;
    const { out } = await child(['src/cli/banyan.ts', 'doctor', '--json'], { ...env, LD_PRELOAD: library });
    expect(JSON.parse(out).reasons).toContain(
      'Linear layers, convolutions, attention and more run in own kernels (avx512).',
    );
  },
);

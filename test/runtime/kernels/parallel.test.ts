import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NATIVE } from '../../../src/runtime/kernels/files.ts';
import { temporaryFolder } from '../../repository.ts';
import { canSetUp, command } from '../install/fake-toolchain.ts';

const program = join(temporaryFolder(), 'program');
const sources = [join(import.meta.dirname, 'parts-that-throw.cc'), join(NATIVE, 'parallel.cc')];

// Needs what compiles the kernels.
it.skipIf(!canSetUp)('what a part of a kernel throws reaches the caller, from whichever thread', () => {
  command('g++', '-std=c++17', '-O1', '-pthread', '-I', NATIVE, ...sources, '-o', program);
  const { status, signal, stdout } = spawnSync(program, { encoding: 'utf8', timeout: 60_000 });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  const { caught, helped, idle } = JSON.parse(stdout);
  expect(caught).toBe(2000);
  expect(helped).toBeGreaterThan(0);
  expect(idle).toBe(3);
});

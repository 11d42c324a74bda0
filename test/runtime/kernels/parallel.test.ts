import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { canSetUp } from '../workbench.ts';
import { compiled } from './native.ts';

const SOURCES = ['test/runtime/kernels/parts-that-throw.cc', 'src/runtime/kernels/native/parallel.cc'];

// Needs what compiles the kernels.
it.skipIf(!canSetUp)('what a part of a kernel throws reaches the caller, from whichever thread', () =>
  compiled(SOURCES, ['-pthread'], (program) => {
    const { status, signal, stdout } = spawnSync(program, { encoding: 'utf8', timeout: 60_000 });
    expect({ status, signal }).toEqual({ status: 0, signal: null });
    const { caught, helped, idle } = JSON.parse(stdout);
    expect(caught).toBe(2000);
    expect(helped).toBeGreaterThan(0);
    expect(idle).toBe(3);
  }),
);

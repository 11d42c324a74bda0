import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canSetUp } from '../workbench.ts';

const NATIVE = 'src/runtime/kernels/native';

// Needs what compiles the kernels.
it.skipIf(!canSetUp)('what a part of a kernel throws reaches the caller, from whichever thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-parallel-'));
  try {
    const program = join(folder, 'check');
    const sources = ['test/runtime/kernels/parallel-check.cc', join(NATIVE, 'parallel.cc')];
    const compiled = spawnSync('g++', ['-std=c++17', '-O1', '-pthread', '-I', NATIVE, ...sources, '-o', program], {
      encoding: 'utf8',
    });
    expect(compiled.stderr).toBe('');
    const { status, signal, stdout } = spawnSync(program, { encoding: 'utf8', timeout: 60_000 });
    expect({ status, signal }).toEqual({ status: 0, signal: null });
    const { caught, helped, idle } = JSON.parse(stdout);
    expect(caught).toBe(2000);
    expect(helped).toBeGreaterThan(0);
    expect(idle).toBe(3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

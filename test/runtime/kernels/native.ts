import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiles sources, with the kernels' headers at hand, and calls `use` with the file that comes of them. */
export async function compiled<T>(sources: readonly string[], options: readonly string[], use: (file: string) => T) {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-native-'));
  try {
    const file = join(folder, 'compiled');
    const fixed = ['-std=c++17', '-O1', '-I', 'src/runtime/kernels/native'];
    const { status, stderr } = spawnSync('g++', [...fixed, ...options, ...sources, '-o', file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

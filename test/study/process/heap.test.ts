import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { heapOptions } from '../../../src/study/process/heap.ts';
import { startChild } from '../../../src/study/process/start.ts';
import { root, temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();

it('bounds the young objects of a child, unless somebody has said how many there may be', () => {
  vi.stubEnv('NODE_OPTIONS', '--no-warnings');
  expect(heapOptions(['--conditions=source'])).toEqual(['--max-semi-space-size=16']);
  expect(heapOptions(['--max-semi-space-size=64'])).toEqual([]);
  expect(heapOptions(['--max_semi_space_size=64'])).toEqual([]);
  vi.stubEnv('NODE_OPTIONS', '--no-warnings --max-semi-space-size=64');
  expect(heapOptions([])).toEqual([]);
  vi.unstubAllEnvs();
});

it('starts children with bounded young objects', async () => {
  const program = join(folder, 'child.mjs');
  writeFileSync(program, 'process.send(process.execArgv); process.disconnect();');
  const child = startChild({ program, args: [], stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await new Promise((done) => child.on('message', done))).toContain('--max-semi-space-size=16');
});

/** Megabytes that the heap of a program takes at most which has some 60 in use, and makes others that live for a while. One thread: the same each time. */
function mostHeap(first: string): number {
  const program = `
    ${first}
    const kept = Array.from({ length: 600_000 }, (_, i) => [i, i + 0.5]);
    const recent = Array.from({ length: 100_000 });
    let most = 0;
    for (let i = 0; i < 5_000_000; i++) {
      recent[i % recent.length] = [i + 0.5, String(i)];
      if (i % 10_000 === 0) most = Math.max(most, process.memoryUsage().heapTotal);
    }
    console.log(kept.length > 0 && most / 1e6);`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--single-threaded', '--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program],
    { cwd: root, encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return Number(stdout);
}

it('collects sooner than V8 does by itself', () => {
  const module = pathToFileURL(join(root, 'src/study/process/heap.ts')).href;
  const sooner = mostHeap(`const { collectSooner } = await import(${JSON.stringify(module)}); collectSooner();`);
  expect(sooner).toBeLessThan(0.8 * mostHeap(''));
});

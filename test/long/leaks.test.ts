// 300 networks that are created, trained, evaluated and disposed leave nothing behind.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../repository.ts';
import { record } from './record.ts';

const NETWORKS = 300;
/** By then caches are filled and the allocator has what it needs. */
const WARM = 100;
/** Megabytes that resident memory may grow by afterwards, for all networks together. */
const [RESIDENT, HEAP] = [10, 2];

interface Sample {
  readonly networks: number;
  readonly resident: number;
  readonly heap: number;
  readonly tensors: number;
}

it('networks that are disposed leave no memory behind', async (context) => {
  if (process.platform !== 'linux') return context.skip('needs Linux: resident memory is read from /proc');
  const child = join(root, 'test/long/leaks-child.ts');
  const args = ['--expose-gc', '--conditions=source', '--import', 'tsx', child, String(NETWORKS)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const samples = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
  const warm = samples.find(({ networks }) => networks === WARM)!;
  const last = samples.at(-1)!;
  const grown = { resident: last.resident - warm.resident, heap: last.heap - warm.heap };
  const figures = `${grown.resident.toFixed(1)} MB resident, ${grown.heap.toFixed(1)} MB of JavaScript's heap, ${last.tensors - warm.tensors} tensors more`;
  await record(`networks ${WARM} to ${NETWORKS}, created, trained, evaluated and disposed`, figures);
  expect(last.tensors).toBe(warm.tensors);
  expect(grown.heap).toBeLessThan(HEAP);
  expect(grown.resident).toBeLessThan(RESIDENT);
});

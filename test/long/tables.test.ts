// A table that is larger than the memory it may take: its index is made, all rows are read in order, and many in any order.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { record } from './record.ts';

const folder = temporaryFolder();
/** Megabytes of the file. */
const SIZE = process.env.BANYAN_TABLE_MB ?? '2000';
/** Megabytes of resident memory. */
const MOST = 500;

it(`a table of ${SIZE} MB is read in less than ${MOST} MB of memory`, async (context) => {
  if (process.platform !== 'linux')
    return context.skip('needs Linux: resident memory is told in other units elsewhere');
  const child = join(root, 'test/long/tables-child.ts');
  const args = ['--conditions=source', '--import', 'tsx', child, folder, SIZE];
  const env = { ...process.env, BANYAN_CACHE: join(folder, 'cache') };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
  expect(status, stderr).toBe(0);
  const { count, isWhole, wrong, peak } = JSON.parse(stdout) as Record<'count' | 'wrong' | 'peak', number> & {
    isWhole: boolean;
  };
  await record(
    `a table of ${SIZE} MB, ${count} rows: indexed, read in order and at random`,
    `at most ${Math.round(peak)} MB resident`,
  );
  expect(isWhole).toBe(true);
  expect(wrong).toBe(0);
  expect(peak).toBeLessThan(MOST);
});

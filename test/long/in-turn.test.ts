// What takes turns in `npm test` (test/in-turn.ts) is held in every way.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';

const files = filesIn('test', /\.native\.test\.ts$/).filter((file) =>
  readFileSync(join(root, file), 'utf8').includes('/in-turn.ts'),
);

it('every case holds in every way', () => {
  expect(files.length).toBeGreaterThan(0);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--project=native', ...files], {
    cwd: root,
    env: { ...process.env, BANYAN_ALL: '1' },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
});

// 10,000 of each kind of file that is read from outside, with anything wrong in them.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { READERS } from '../fuzz/input.ts';
import { root } from '../repository.ts';
import { record } from './record.ts';

const RUNS = 10_000;
const MOST = 500;

it.each(Object.keys(READERS))('%s: read, or refused by a sentence, in little memory', async (name) => {
  const program = join(root, 'test/long/input-child.ts');
  const options = ['--max-old-space-size=300', '--conditions=source', '--import', 'tsx'];
  const said = execFileSync(process.execPath, [...options, program, name, String(RUNS)], {
    cwd: root,
    encoding: 'utf8',
  });
  const { read, refused, memory } = JSON.parse(said) as { read: number; refused: number; memory: number };
  expect(read + refused).toBe(RUNS);
  expect(memory).toBeLessThan(MOST);
  await record(
    `${name} with anything wrong in it`,
    `${read} read, ${refused} refused, at most ${Math.round(memory)} MB`,
  );
});

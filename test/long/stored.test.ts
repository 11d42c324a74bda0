// 10,000 of each kind of file that a network is saved in, with anything wrong in them: what reads them neither breaks, nor hangs, nor
// fills the memory.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { flipBits } from '../checkpoint/fuzz.ts';
import { root, temporaryFolder } from '../repository.ts';
import { record } from './record.ts';

const RUNS = 10_000;
/** In MB, beside TensorFlow itself. */
const MOST = 500;

it('each single bit of a manifest that flips is noticed', async () => {
  const flips = await flipBits(1, temporaryFolder());
  await record('bits of a small manifest flipped, one at a time', `${flips} flips, 0 accepted`);
});

it.each(['safetensors', 'manifest', 'network'])('%s: refused, or what it says, in little memory', async (what) => {
  const program = join(root, 'test/long/stored-child.ts');
  const options = ['--max-old-space-size=400', '--conditions=source', '--import', 'tsx'];
  const said = execFileSync(process.execPath, [...options, program, what, String(RUNS)], {
    cwd: root,
    encoding: 'utf8',
  });
  const memory = Number(said.trim().split('\n').at(-1));
  expect(memory).toBeLessThan(MOST);
  await record(`${what} with anything wrong in it`, `${RUNS} read, 0 other errors, at most ${Math.round(memory)} MB`);
});

// What befalls the folder of a run while it trains does not end it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const write = (name: string, checkpoint: string): string => {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { hanging: }
plugins: [${join(root, 'test/cli/fixtures/hanging.ts')}]
training: { steps: 60, batch: 8, ${checkpoint} }
`,
  );
  return file;
};
const experiment = write('every', 'checkpoint: { every: 20 }');
/** The reading for step 48: two before it are checks. */
const befall = (how: string, run: string) => Object.assign(process.env, { HANGS: how, HANGS_AT: '50', HANGS_RUN: run });
afterEach(() => {
  for (const name of ['HANGS', 'HANGS_AT', 'HANGS_RUN']) delete process.env[name];
});

it('a folder that is removed is made anew, and the run completes', async () => {
  const run = join(folder, 'removed');
  befall('remove', run);
  const { code, stdout, stderr } = await banyan(['train', experiment, '--out', run]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain(`The run is in ${run}`);
  expect(readdirSync(join(run, 'checkpoints'))).toEqual(['step-00000060']);
  expect(existsSync(join(run, 'experiment.json'))).toBe(true);
  const steps = readFileSync(join(run, 'events.jsonl'), 'utf8').split('\n').slice(0, -1);
  expect(JSON.parse(steps.at(-1)!)).toMatchObject({ kind: 'end', step: 60 });
  expect((await banyan(['resume', run])).stdout).toBe(`The run in ${run} is complete: 60 steps.\n`);
});

it('a folder that cannot be written any more: warnings, and at the end what is safe and how to go on', async () => {
  const run = join(folder, 'blocked');
  befall('block', run);
  const { code, stdout, stderr } = await banyan(['train', experiment, '--out', run]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^done after step 60 of 60$/m);
  expect(stdout).toContain(
    `\nThe training is done, and its result is not written. Safe is the checkpoint of step 40 in ${run}/checkpoints. Go on with: banyan resume ${run}\n`,
  );
  const room = '\\d+\\.\\d MB are left on its device\\.';
  expect(stderr).toMatch(
    new RegExp(
      `BanyanWarning: ${run}/events\\.jsonl cannot be written: a part of the path is a file, not a folder\\. Check the path\\. ${room} The training goes on; its events are kept, and written as soon as that works again\\.`,
    ),
  );
  expect(stderr).toMatch(
    new RegExp(
      `BanyanWarning: No checkpoint of step 60: .* ${room} The last one is ${run}/checkpoints/step-00000040\\. The training has ended: the network is in memory alone\\.`,
    ),
  );
  expect(stderr).toMatch(/^error: .*blocked.* cannot be /m);
});

it('checkpoints are there without being asked for, and can be turned off', async () => {
  const [asked, off] = [join(folder, 'asked'), join(folder, 'off')];
  expect((await banyan(['train', write('asked', 'seed: 1'), '--out', asked])).code).toBe(0);
  expect(readdirSync(join(asked, 'checkpoints'))).toEqual(['step-00000060']);
  expect((await banyan(['train', write('off', 'checkpoint: off'), '--out', off])).code).toBe(0);
  expect(existsSync(join(off, 'checkpoints'))).toBe(false);
  expect(existsSync(join(off, 'network'))).toBe(true);
});

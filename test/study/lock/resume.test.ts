// Commands that are started at the same time on one folder.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { banyan, type Outcome } from '../../cli/command.ts';
import { root, temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const gate = join(folder, 'gate');
const experiment = join(folder, 'gated.yaml');
const STEPS = 12;
writeFileSync(
  experiment,
  `
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { gated: }
plugins: [${join(root, 'test/cli/fixtures/gated.ts')}]
training: { steps: ${STEPS}, batch: 7, checkpoint: { every: 3 } }
`,
);
afterEach(() => {
  delete process.env.GATE;
});

/** Two of a command; the one that does its work can do so only once the other has ended. */
async function together(args: readonly string[], name: string): Promise<Outcome[]> {
  process.env.GATE = `${gate}-${name}`;
  const two = [banyan(args), banyan(args)];
  const first = await Promise.race(two);
  writeFileSync(process.env.GATE, '');
  const outcomes = await Promise.all(two);
  return [first, ...outcomes.filter((outcome) => outcome !== first)];
}

const steps = (run: string) =>
  readFileSync(join(run, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"kind":"step"'))
    .map((line) => (JSON.parse(line) as { step: number }).step);

const busy = (run: string, command: string) =>
  new RegExp(
    `^error: ${run} is being written by process \\d+ \\(banyan ${command}, since \\d\\d:\\d\\d:\\d\\d\\), expected a folder that no other process writes to\\. Wait for it, or end it\\.\\n$`,
  );

it('of two resumes of a run one goes on with it, the other says who does', async () => {
  const cut = join(folder, 'cut');
  const killed = await banyan(['train', experiment, '--out', cut, '--json'], (text, child) => {
    if (text.includes('"step":7,')) child.kill('SIGKILL');
  });
  expect(killed.code).not.toBe(0);
  const run = join(folder, 'run');
  cpSync(cut, run, { recursive: true });
  const [refused, trained] = await together(['resume', run], 'resume');
  expect(refused!.stderr).toMatch(busy(run, 'resume'));
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(trained).toMatchObject({ code: 0, stderr: '' });
  expect(steps(run)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(readdirSync(run).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('of two trainings into one folder one trains, the other says who does', async () => {
  const run = join(folder, 'twice');
  const [refused, trained] = await together(['train', experiment, '--out', run], 'train');
  // Or it came so late that there was a run already.
  const there = `error: ${run} already holds a run,`;
  expect(refused!.stderr.startsWith(there) || busy(run, 'train').test(refused!.stderr)).toBe(true);
  expect(refused!.code).toBe(1);
  expect(trained!.code).toBe(0);
  expect(steps(run)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  // Whoever only reads needs no lock, and leaves none.
  expect((await banyan(['evaluate', run])).code).toBe(0);
  expect(existsSync(join(run, '.lock'))).toBe(false);
});

// Commands of many parts that are killed in the middle: what they have started ends with them, and started again they go on.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { banyan } from '../cli/command.ts';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { processesOf, unfinishedIn } from './left.ts';

const folder = temporaryFolder();
const points = join(root, 'test/cli/fixtures/points.ts');

function fileOf(name: string, text: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `seed: 1\nplugins: [${points}]\n${text}`);
  return file;
}

/** Kills a command as soon as that is there. Returns how it ended. */
function killAt(args: readonly string[], isThere: () => boolean): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [builtCommand, ...args], { cwd: root, stdio: 'ignore' });
  const watching = setInterval(() => {
    if (!isThere()) return;
    clearInterval(watching);
    child.kill('SIGKILL');
  }, 2);
  return new Promise((done) =>
    child.on('close', (_, signal) => {
      clearInterval(watching);
      done(signal);
    }),
  );
}

const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);

/** The steps that a run's log tells of. */
const stepsOf = (run: string) =>
  readFileSync(join(run, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"kind":"step"'))
    .map((line) => (JSON.parse(line) as { step: number }).step);
const upTo = (steps: number) => Array.from({ length: steps }, (_, i) => i + 1);

it.skipIf(process.platform !== 'linux')('banyan compare, killed three times (needs /proc)', async () => {
  const file = fileOf(
    'compare',
    `
trunk: { kind: transformer, width: 8, depth: 1, heads: 2, dropout: 0.1 }
tasks: { above: , right: }
training: { steps: 100, batch: 8, threads: 1, checkpoint: { every: 10 } }
`,
  );
  const command = (out: string) => ['compare', file, '--methods', 'equal', '--seeds', '1', '--out', out] as const;
  const cut = join(folder, 'compare');
  const run = (out: string, name: string) => join(out, 'runs', name);
  const killed = async (isThere: () => boolean) => {
    expect(await killAt(command(cut), isThere)).toBe('SIGKILL');
    await expect.poll(() => processesOf(cut), { timeout: 5000 }).toEqual([]);
  };
  await killed(() => existsSync(run(cut, 'alone-above-seed-1')));
  await killed(() => linesOf(join(run(cut, 'alone-above-seed-1'), 'events.jsonl')) > 15);
  await killed(() => existsSync(join(run(cut, 'equal-seed-1'), 'experiment.json')));
  expect(await banyan(command(cut))).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(join(cut, 'runs')).sort()).toEqual(['alone-above-seed-1', 'alone-right-seed-1', 'equal-seed-1']);
  for (const name of readdirSync(join(cut, 'runs'))) expect(stepsOf(run(cut, name))).toEqual(upTo(100));
  expect(unfinishedIn(cut)).toEqual([]);
});

it('banyan transfer, killed twice', async () => {
  const file = fileOf(
    'transfer',
    `
trunk: { kind: transformer, width: 8, depth: 2, heads: 2, dropout: 0.1 }
tasks: { above: }
training: { steps: 4, batch: 8, threads: 1 }
transfer:
  targets: [right]
  examples: [0.1]
  seeds: 1
  training: { steps: 10, batch: 8 }
  points: 1
  evaluateExamples: 50
`,
  );
  const cut = join(folder, 'transfer');
  const command = (out: string) => ['transfer', file, '--out', out] as const;
  expect(await killAt(command(cut), () => existsSync(join(cut, 'sources/above-seed-1')))).toBe('SIGKILL');
  expect(await killAt(command(cut), () => linesOf(join(cut, 'runs.jsonl')) > 1)).toBe('SIGKILL');
  expect(await banyan(command(cut))).toMatchObject({ code: 0, stderr: '' });
  const runs = readFileSync(join(cut, 'runs.jsonl'), 'utf8').trimEnd().split('\n');
  const methods = runs.map((line) => (JSON.parse(line) as { method: string }).method);
  expect(methods).toEqual(['scratch', 'head', 'fine-tune', 'random', 'progressive']);
  expect(unfinishedIn(cut)).toEqual([]);
});

it('banyan add-column, killed while it copies what it stands on, and while it trains', async () => {
  const file = fileOf(
    'base',
    `
trunk: { kind: transformer, width: 8, depth: 1, heads: 2, dropout: 0.1 }
tasks: { above: }
training: { steps: 20, batch: 8, threads: 1, checkpoint: { every: 5 } }
`,
  );
  const [base, cut] = [join(folder, 'base'), join(folder, 'column')];
  expect(await banyan(['train', file, '--out', base])).toMatchObject({ code: 0 });
  const command = (out: string) => ['add-column', base, '--tasks', 'right', '--out', out] as const;
  expect(await killAt(command(cut), () => existsSync(cut) && readdirSync(cut).some((name) => /base/.test(name)))).toBe(
    'SIGKILL',
  );
  // As if the kill had come in the middle of the copy.
  writeFileSync(join(cut, '.base.6f2b3c7e-8a41-4f0e-9d55-0c1b2a3d4e5f.tmp'), 'half');
  const goOn = () => (existsSync(join(cut, 'experiment.json')) ? ['resume', cut] : command(cut));
  expect(await killAt(goOn(), () => linesOf(join(cut, 'events.jsonl')) > 8)).toBe('SIGKILL');
  expect((await banyan(goOn())).code).toBe(0);
  expect(stepsOf(cut)).toEqual(upTo(20));
  expect(unfinishedIn(cut)).toEqual([]);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadExperiment } from '../../src/experiment/load.ts';
import { nearest } from '../../src/nearest.ts';
import { readInputs } from '../../src/study/run/predict.ts';
import { makeFifo, temporaryFolder } from '../repository.ts';
import { banyanEach } from './command.ts';

const folder = temporaryFolder();
const BEGIN = 'trunk: { kind: dense, width: 4, depth: 1 }\n';
const END = 'training: { steps: 1, batch: 2 }\n';

/** What loading this text fails with, and that it fails at once. */
async function refusal(text: string, name = 'experiment.yaml'): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, text);
  const begin = process.cpuUsage();
  const error: Error = await loadExperiment(file).then(
    () => new Error('no error'),
    (reason) => reason,
  );
  // About a second for the largest.
  const { user, system } = process.cpuUsage(begin);
  expect((user + system) / 1000).toBeLessThan(3000);
  expect(error.name, error.stack).toBe('BanyanError');
  return error.message.replaceAll(file, 'FILE');
}

it('twenty thousand wrong tasks are ten lines', async () => {
  const tasks = (wrong: (i: number) => string) =>
    `tasks:\n${Array.from({ length: 20_000 }, (_, i) => `  t${i}: ${wrong(i)}\n`).join('')}`;
  const weights = (await refusal(BEGIN + tasks(() => '{ wight: 1 }') + END)).split('\n');
  expect(weights).toHaveLength(11);
  expect(weights[0]).toBe(
    'FILE, line 3: tasks.t0.wight is no key of an experiment. Expected one of: data, inputs, target, weight, learningRate, at, augment, metrics. Did you mean "weight"?',
  );
  expect(weights[10]).toBe('and 19990 more.');
  const none = (await refusal(BEGIN + tasks((i) => String(i)) + END)).split('\n');
  expect(none[9]).toBe(
    'FILE, line 12: tasks.t9 must be a section with data, inputs, target, weight, learningRate, at, augment, metrics, received 9. Give a section instead.',
  );
  expect(none[10]).toBe('and 19990 more.');
  // Each of many names, among as many others.
  const batch = `training:\n  steps: 1\n  batch:\n${Array.from({ length: 20_000 }, (_, i) => `    x${i}: 1\n`).join('')}`;
  const names = (await refusal(BEGIN + tasks(() => '') + batch)).split('\n');
  expect(names).toHaveLength(11);
  expect(names[0]).toMatch(
    /^FILE, line 20006: training\.batch\.x0 is no task of this experiment\. Expected names of tasks: t0, .*t39 and 19960 more\. Did you mean "t0"\?$/,
  );
});

it('the nearest word is looked for among words that can be near', () => {
  const known = Array.from({ length: 20_000 }, (_, i) => `${'x'.repeat(50)}${i}`);
  const begin = process.cpuUsage();
  expect(nearest('a'.repeat(100_000), ['a'.repeat(100_000)])).toBeUndefined();
  for (let i = 0; i < 100; i++) nearest('task', known);
  expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
});

it.each([
  ['yaml', '[', 1],
  ['json', '{"a":', 1],
  ['yaml', '- ', 1],
  ['yaml', '? ', 1],
])('an experiment (%s) of %s within each other five thousand times is too deep', async (ending, piece, line) => {
  for (const times of [150, 5000, 90_000]) {
    expect(await refusal(piece.repeat(times), `deep.${ending}`)).toBe(
      `FILE, line ${line}: more than 100 sections or lists lie within each other, expected a few. Remove the brackets or dashes that are too many.`,
    );
  }
});

it('aliases do not make an experiment large or deep', async () => {
  const link = (i: number) => `x${i}: &x${i} ${'['.repeat(20)}${i === 0 ? 1 : `*x${i - 1}`}${']'.repeat(20)}\n`;
  const chain = (length: number) => Array.from({ length }, (_, i) => link(i)).join('');
  expect(await refusal(chain(6))).toBe(
    'FILE, line 6: aliases of aliases make this too large (more than 100 sections or lists within each other). Write out what the aliases stand for.',
  );
  expect(await refusal(chain(90))).toBe(
    'FILE, line 90: aliases of aliases make this too large (Excessive alias count indicates a resource exhaustion attack). Write out what the aliases stand for.',
  );
  const wide = `a: &a [${'1,'.repeat(20_000)}1]\n${Array.from({ length: 30 }, (_, i) => `b${i}: *a\n`).join('')}`;
  expect(await refusal(wide)).toBe(
    'FILE, line 31: aliases of aliases make this too large (more than 500000 values). Write out what the aliases stand for.',
  );
  const many = `a: &a 1\n${Array.from({ length: 20_000 }, (_, i) => `b${i}: *a\n`).join('')}`;
  expect(await refusal(many)).toBe(
    'FILE, line 102: this is alias number 101, expected at most 100. Write out what the aliases stand for.',
  );
});

it.each([
  ['a: &a x\n*a : 1', '2: an alias is a key, expected a word. Name the key by a word.'],
  ['? \n: 1', '1: a key is empty, expected a word. Name the key by a word.'],
  ['? &a [x]\n: *a', '1: a section or list is a key, expected a word. Name the key by a word.'],
  ['1: a\n"1": b', '2: this is not YAML: Map keys must be unique. Remove one of the two.'],
  [
    '%YAML 1.1\n---\na: &a 1\n<<: *a',
    '1: its first line says that it is YAML 1.1, expected 1.2. Remove "%YAML 1.1" and the "---" after it.',
  ],
])('an experiment of %j is refused', async (text, message) => {
  expect(await refusal(text)).toBe(`FILE, line ${message}`);
});

it('an experiment is small', async () => {
  const keys = Array.from({ length: 50_000 }, (_, i) => `a${i}: 1\n`).join('');
  expect((await refusal(keys)).split('\n')).toHaveLength(11);
  expect(await refusal(`# ${'x'.repeat(2e7)}`)).toBe(
    'FILE has 20 MB, expected at most 500 KB: it is read whole. Give the experiment alone: what is large belongs into files of its plugins.',
  );
});

it('numbers of steps that nobody can count are refused', async () => {
  expect(await refusal(`${BEGIN}tasks: { a: }\ntraining: { steps: 1e300, batch: 2 }`)).toBe(
    'FILE, line 3: training.steps must be a whole number >= 1 and at most 2^53 - 1, received 1e+300. Lower it.',
  );
});

it('a FIFO is no file of an experiment, of its plugins, or to predict', async () => {
  const told = (path: string) =>
    `error: ${path} is a FIFO, expected a regular file. Write what it gives into a file, and name that one.\n`;
  const experiments = ['fifo.yaml', 'fifo.mjs'].map((name) => makeFifo(folder, name));
  const plugin = makeFifo(folder, 'plugin.mjs');
  const file = join(folder, 'with-plugin.yaml');
  writeFileSync(file, `${BEGIN}tasks: { a: }\nplugins: [./plugin.mjs]\n${END}`);
  const outcomes = await banyanEach(...[...experiments, file].map((path) => ['train', path]));
  for (const [i, path] of [...experiments, plugin].entries())
    expect(outcomes[i]).toEqual({ code: 1, stdout: '', stderr: told(path) });
  const stem = { scope: 'stem/a', implementation: { readFile: async () => {} } };
  await expect(readInputs('a', stem as never, [plugin])).rejects.toThrow(/plugin\.mjs is a FIFO/);
});

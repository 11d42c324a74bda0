import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, expect, it } from 'vitest';
import { formatOf, rowWriter } from '../../src/cli/print/rows.ts';
import { predictionCells } from '../../src/study/run/prediction-columns.ts';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const run = join(folder, 'run');
const table = join(folder, 'points.csv');
const CELLS = [
  ['a, "quoted"', '0.9', '-0.5'],
  [' b', '-0.9', '0.5'],
  ['', '0', '0.1'],
];
const asNumbers = (text: string | undefined) => Number(text);

beforeAll(async () => {
  writeFileSync(table, `name,x,y\n"a, ""quoted""",0.9,-0.5\n" b",-0.9,0.5\n,0,0.1\n`);
  const plugin = join(root, 'test/cli/fixtures/rows.ts');
  writeFileSync(
    join(folder, 'e.yaml'),
    `trunk: { kind: dense, width: 16, depth: 1 }\nplugins: [${plugin}]\ntasks: { side: , sum: }\ntraining: { steps: 150, batch: 32 }\n`,
  );
  expect(await banyan(['train', join(folder, 'e.yaml'), '--out', run])).toMatchObject({ code: 0, stderr: '' });
}, 300_000);

/** Pipes a text into the command. */
const piped = (input: string, ...args: string[]) =>
  spawnSync(process.execPath, [builtCommand, 'predict', run, '-', ...args], { input, encoding: 'utf8', cwd: root });

it('a table comes back with what all tasks predict of each row; JSON Lines through a pipe too', async () => {
  const out = join(folder, 'out.jsonl');
  const [printed, written] = await banyanEach(
    ['predict', run, table],
    ['predict', run, table, '--task', 'sum', '--out', out],
  );
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  const rows = parse(printed!.stdout, { columns: true }) as Record<string, string>[];
  expect(Object.keys(rows[0]!)).toEqual([
    'name',
    'x',
    'y',
    'side_predicted',
    'side_probability_below',
    'side_probability_above',
    'sum_predicted',
  ]);
  expect(rows.map(({ name, x, y }) => [name, x, y])).toEqual(CELLS);
  expect(rows.slice(0, 2).map(({ side_predicted }) => side_predicted)).toEqual(['below', 'above']);
  for (const { side_probability_below, side_probability_above, sum_predicted } of rows) {
    expect(asNumbers(side_probability_below) + asNumbers(side_probability_above)).toBeCloseTo(1, 4);
    expect(asNumbers(sum_predicted)).toBeTypeOf('number');
  }

  const input = CELLS.map(([name, x, y]) => JSON.stringify({ name, x: Number(x), y: Number(y) })).join('\n');
  const lines = piped(input, '--task', 'side', '--json');
  expect([lines.status, lines.stderr]).toEqual([0, '']);
  const objects = lines.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.map(({ side_predicted }) => side_predicted)).toEqual(rows.map(({ side_predicted }) => side_predicted));
  expect(objects[0]).toMatchObject({ x: 0.9, side_probability_below: asNumbers(rows[0]!.side_probability_below) });
  expect(objects[0]).not.toHaveProperty('sum_predicted');

  expect(written).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(3);
}, 300_000);

it('a table without a header is read as it is said to be written', async () => {
  const bare = join(folder, 'bare.txt');
  writeFileSync(bare, '"a\t0.9\t-0.5\n b\t-0.9\t0.5\n');
  const written = '{ format: tsv, columns: [name, x, y], quotes: false }';
  const [told, unknown, none] = await banyanEach(
    ['predict', run, bare, '--task', 'side', '--table', written],
    ['predict', run, bare, '--table', '{ column: [name] }'],
    ['predict', run, bare, '--table', '{'],
  );
  expect(told).toMatchObject({ code: 0, stderr: '' });
  const rows = parse(told!.stdout, { columns: true, delimiter: '\t' }) as Record<string, string>[];
  expect(rows.map(({ name, side_predicted }) => [name, side_predicted])).toEqual([
    ['"a', 'below'],
    [' b', 'above'],
  ]);
  const piping = piped('0.9,-0.5\n', '--task', 'side', '--table', '{ columns: [x, y] }');
  expect(piping.stdout).toMatch(/^x,y,side_predicted,.*\n0\.9,-0\.5,below,/);
  expect(unknown!.stderr).toContain(
    '--table: column is no option of a table. Expected one of: format, delimiter, columns, quotes. Did you mean "columns"?',
  );
  expect(none!.stderr).toContain('It is no YAML');
}, 300_000);

it('what cannot be predicted is said before anything is written', async () => {
  const out = join(folder, 'none.csv');
  const taken = join(folder, 'taken.csv');
  writeFileSync(taken, 'x,y,sum_predicted\n1,2,3\n');
  const [mixed, others, twice] = await banyanEach(
    ['predict', run, table, 'picture.png', '--out', out],
    ['predict', run, 'picture.png'],
    ['predict', run, taken],
  );
  expect(mixed!.stderr).toBe(
    `error: predict: expected either tables or other files, received ${table} and picture.png. Predict one kind after the other.\n`,
  );
  expect(existsSync(out)).toBe(false);
  expect(others!.code).toBe(1);
  expect(others!.stderr).toContain('No task of this network can read all of these files.');
  expect(twice!.stderr).toContain(
    'taken.csv has a column "sum_predicted" already, expected none of the names of predictions.',
  );
}, 300_000);

it('predictions of any kind are spread over columns', () => {
  expect(predictionCells('t', { class: 1, probabilities: Float32Array.of(0.25, 0.75) }, [])).toEqual({
    t_predicted: 1,
    t_probability_0: 0.25,
    t_probability_1: 0.75,
  });
  expect(predictionCells('t', { value: 3, deviation: 0.5 }, [])).toEqual({ t_predicted: 3, t_deviation: 0.5 });
  expect(predictionCells('t', { text: 'a b', words: ['a', 'b'] }, [])).toEqual({
    t_predicted: 'a b',
    t_words: ['a', 'b'],
  });
  expect(predictionCells('t', Float32Array.of(1, 2), [])).toEqual({ t_predicted: [1, 2] });
  expect(predictionCells('t', 'yes', [])).toEqual({ t_predicted: 'yes' });
});

it('rows are written as CSV readers read them', () => {
  const row = { a: 'x', b: '', c: null, d: 'say "hi",\nthen', e: [1, 2], f: ' s', g: true };
  const line = rowWriter(formatOf('x.csv'));
  const text = line(row) + line({ ...row, a: 'y' });
  const read = parse(text, { columns: true, cast: false }) as Record<string, string>[];
  expect(read.map(({ a }) => a)).toEqual(['x', 'y']);
  expect(read[0]).toEqual({ a: 'x', b: '', c: '', d: 'say "hi",\nthen', e: '[1,2]', f: ' s', g: 'true' });
  expect(rowWriter(formatOf('x.tsv.gz'))({ a: 'x\ty', b: 'x,y' })).toBe('a\tb\n"x\ty"\tx,y\n');
  expect(rowWriter(formatOf('x.ndjson'))({ a: 1 })).toBe('{"a":1}\n');
  expect(() => line({ a: 1 })).toThrow('A row has the columns a, expected a, b, c, d, e, f, g as the first one has.');
});

it('what is predicted of a row is explained by its columns, all tasks on one page', async () => {
  const page = join(folder, 'page.html');
  const [written, numbers, wrong] = await banyanEach(
    ['explain', run, table, '--out', page],
    [
      'explain',
      run,
      table,
      '--task',
      'side',
      '--outcome',
      'above',
      '--method',
      '{ kind: kernel-shap, sets: 8 }',
      '--json',
    ],
    ['explain', run, table, '--out', join(folder, 'page.txt')],
  );
  expect(written).toMatchObject({ code: 0, stderr: '' });
  expect(written!.stdout).toMatch(
    /side says below .*Explained by integrated-gradients, over the input, compared with numbers that are all 0: below is /,
  );
  expect(written!.stdout).toContain(`Written: ${page}`);
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('side: below, integrated-gradients');
  expect(html).toContain('sum: the number, integrated-gradients');
  expect(numbers).toMatchObject({ code: 0, stderr: '' });
  const examples = JSON.parse(numbers!.stdout) as {
    attributions: { outcome: { name: string }; completeness: { error: number } }[];
  }[];
  expect(examples.map(({ attributions: [side] }) => side!.outcome.name)).toEqual(['above', 'above', 'above']);
  expect(examples[0]!.attributions[0]!.completeness.error).toBeLessThan(1e-4);
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong!.stderr).toContain(
    'page.txt ends in ".txt", expected .html for a page, .png for a picture or .json for numbers.',
  );
});

it('a concept that rows show is said to move an outcome, or not, on a page too', async () => {
  const rows = (name: string, above: boolean) => {
    const cells = Array.from({ length: 6 }, (_, i) => [above ? -0.9 : 0.9, above ? 0.9 : -0.9].map((x) => x + i / 50));
    const path = join(folder, name);
    writeFileSync(path, `x,y\n${cells.map((row) => row.join(',')).join('\n')}\n`);
    return path;
  };
  const [high, low, page] = [rows('high.csv', true), rows('low.csv', false), join(folder, 'concept.html')];
  const asked = ['explain', run, table, '--concept', high, '--without', low];
  const [written, json, several, half, mixed] = await banyanEach(
    [...asked, '--task', 'side', '--out', page],
    [...asked, '--task', 'side', '--outcome', 'above', '--json'],
    asked,
    ['explain', run, '--concept', high, '--task', 'side'],
    [...asked, '--task', 'side', '--method', 'occlusion'],
  );
  expect(written).toMatchObject({ code: 0, stderr: '' });
  expect(written!.stdout).toMatch(/^concept +outcome +block +score/);
  expect(readFileSync(page, 'utf8')).toContain('high: scores by outcome and block');
  expect(JSON.parse(json!.stdout)).toMatchObject([{ concept: 'high', outcome: 'above', depth: 1, score: 1 }]);
  expect(several!.stderr).toContain(
    'a concept moves the outcomes of one task, and there are side, sum. Name one by --task.',
  );
  expect(half!.stderr).toContain('received --concept alone. Give both.');
  expect(mixed!.stderr).toContain(
    'explain: --method is about single files, received a concept beside it. Leave one of them out.',
  );
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { openFolder, openTable, readCsv, readIdx, readSound, readWav, type Table } from '../../src/data/index.ts';
import { loadExperiment } from '../../src/experiment/load.ts';
import { COMPARISON_FILES } from '../../src/study/compare/folder.ts';
import { readStudyExperiment } from '../../src/study/folder.ts';
import { EventLog } from '../../src/study/run/event-log.ts';
import { readEvents } from '../../src/study/run/events.ts';
import { runPaths } from '../../src/study/run/paths.ts';
import { readCost, readResult } from '../../src/study/run/result.ts';
import { keyOf, planTransfer } from '../../src/study/transfer/plan.ts';
import { readRuns, readSourceMetrics } from '../../src/study/transfer/records.ts';
import { summariseTransfer } from '../../src/study/transfer/result.ts';
import { transferText } from '../../src/study/transfer/tables.ts';
import { damagedBytes, damagedJson } from './damage.ts';

// Everything that is read from outside, given what nobody wrote: it reads it, or says by a BanyanError what is wrong.

const metrics = { digits: { accuracy: 0.9, loss: 0.3 }, words: { loss: null, accuracy: 1 } };
const EXPERIMENT = {
  name: 'fuzzed',
  seed: 3,
  trunk: { kind: 'transformer', width: 16, depth: 2, heads: 2, sharing: { kind: 'mmoe', experts: 2 } },
  tasks: { digits: { weight: 2 }, words: {} },
  plugins: ['./plugin.mjs'],
  training: {
    steps: 10,
    batch: { digits: 4, words: 8 },
    clip: 2,
    balance: { method: 'upgrad', options: { prefVector: { digits: 1, words: 2 } } },
    optimizer: { kind: 'adam', learningRate: 0.1 },
    checkpoint: { every: 5 },
  },
};
const EVENTS = [
  { kind: 'start', step: 0, steps: 2, tasks: ['digits', 'words'] },
  {
    kind: 'step',
    step: 1,
    steps: 2,
    losses: { digits: 1 },
    labelled: { digits: 4, words: 0 },
    learningRate: 0.1,
    gradientNorm: null,
    balance: { weights: { digits: 1 }, norms: { digits: 1 }, cosines: [[1]] },
    gradients: { norms: { digits: 1 }, cosines: [[1]], blocks: { 'column-0/block-0': { norms: {}, cosines: [] } } },
    milliseconds: 3,
  },
  { kind: 'evaluation', step: 1, metrics, milliseconds: 4 },
  { kind: 'checkpoint', step: 2, path: 'checkpoints/step-2' },
  { kind: 'end', step: 2, reason: 'steps' },
];
const RESULT = {
  steps: 10,
  metrics,
  splits: { digits: 'test', words: 'validation' },
  leading: { digits: { metric: 'accuracy', higherIsBetter: true } },
};
const TRANSFER = {
  ...EXPERIMENT,
  transfer: { targets: ['new'], seeds: 2, points: 2, methods: ['scratch', 'progressive'], examples: [1] },
};
const RUNS = [3, 4].flatMap((seed) =>
  ['scratch', 'progressive'].map((method) => ({
    seed,
    ...(method === 'scratch' ? {} : { source: 'digits+words', old: { before: metrics, after: metrics } }),
    target: 'new',
    share: 1,
    method,
    metric: 'accuracy',
    curve: [0, 5, 10].map((step) => ({ step, value: step / 20 })),
    test: 0.5,
    parameters: 100,
    seconds: 1.5,
  })),
);

const lines = (all: readonly unknown[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
/** Lines with one damaged, or the whole as bytes. */
const damagedLines = (all: readonly unknown[]): fc.Arbitrary<Buffer> =>
  fc.oneof(
    damagedBytes(Buffer.from(lines(all))),
    fc
      .nat({ max: all.length - 1 })
      .chain((at) =>
        damagedJson(all[at]).map((bad) =>
          Buffer.concat([Buffer.from(lines(all.slice(0, at))), bad, Buffer.from(`\n${lines(all.slice(at + 1))}`)]),
        ),
      ),
  );

// Pieces of YAML, good and bad, in any order.
const YAML = [
  'trunk:',
  'tasks:',
  'training:',
  '\n',
  '\n  ',
  '\n    ',
  ': ',
  '- ',
  '? ',
  '[',
  ']',
  '{',
  '}',
  ', ',
  '&a ',
  '*a',
  '<<: *a',
  '"',
  "'",
  '|',
  '>',
  '#',
  '!!set ',
  '!!binary ',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '%TAG ! x\n',
  '~',
  'null',
  '.inf',
  '.nan',
  '0x1f',
  '1e999',
  '__proto__',
  'constructor',
  'x',
  '\t',
  '\u2028',
  '\ufeff',
  '2024-01-01',
  'kind: dense',
  'width: 4',
];
const yaml = fc.oneof(
  fc.array(fc.constantFrom(...YAML), { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
  damagedBytes(Buffer.from(stringify(EXPERIMENT))),
  fc
    .tuple(fc.constantFrom('[', '{', '- ', '? ', '{a: ', '[? ', '- - '), fc.constantFrom(90, 110, 5000, 200_000))
    .map(([piece, times]) => Buffer.from(piece.repeat(times))),
);

const idx = Buffer.from([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
const sound = Buffer.concat([
  Buffer.from(
    'RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x08\0\0\0',
    'latin1',
  ),
  Buffer.from([1, 0, 2, 0, 3, 0, 4, 0]),
]);

/** A reader: what it is given, and how it is called with a folder in which the input is a file. */
interface Reader {
  readonly file: string;
  /** It takes some ten milliseconds. */
  readonly isSlow?: boolean;
  readonly input: fc.Arbitrary<Buffer>;
  read(folder: string): unknown;
}

const fixture = (name: string) => readFileSync(new URL(`../data/files/${name}`, import.meta.url));
// Two pictures, `a/b.png` and `c.png`, as CPython's zipfile packs them.
const zipped = Buffer.from(
  [
    '504b03041400000000000000210018482d46090000000900000007000000612f622e706e67616263616263616263504b',
    '03041400000000000000210067ba8eeb030000000300000005000000632e706e6778797a504b01021403140000000000',
    '0000210018482d460900000009000000070000000000000000000000800100000000612f622e706e67504b0102140314',
    '00000000000000210067ba8eeb030000000300000005000000000000000000000080012e000000632e706e67504b0506',
    '000000000200020068000000540000000000',
  ].join(''),
  'hex',
);

/** Reads a table whole, in order and backwards. */
function tableReader(file: string, content: Buffer, open: (path: string) => Promise<Table> = openTable): Reader {
  return {
    file,
    isSlow: true,
    input: damagedBytes(content),
    read: async (folder) => {
      const { BANYAN_CACHE } = process.env;
      process.env.BANYAN_CACHE = join(folder, 'cache');
      try {
        const table = await open(join(folder, file));
        const places: string[] = [];
        for await (const { place } of table.scan()) places.push(place);
        const backwards = await table.rows(places.map((_, i) => places.length - 1 - i));
        await table.close();
        if (
          backwards
            .map(({ place }) => place)
            .reverse()
            .join() !== places.join()
        )
          throw new Error('rows lost their places');
      } finally {
        if (BANYAN_CACHE === undefined) delete process.env.BANYAN_CACHE;
        else process.env.BANYAN_CACHE = BANYAN_CACHE;
      }
    },
  };
}

const plan = () => {
  const training = { steps: 4, batch: 2 };
  return planTransfer(TRANSFER as never, { ...TRANSFER.transfer, training } as never);
};

export const READERS: Readonly<Record<string, Reader>> = {
  'an experiment in YAML': { file: 'a.yaml', input: yaml, read: (folder) => loadExperiment(join(folder, 'a.yaml')) },
  'an experiment in JSON': {
    file: 'experiment.json',
    input: damagedJson(EXPERIMENT),
    read: (folder) => loadExperiment(runPaths(folder).experiment),
  },
  'a comparison': {
    file: 'comparison.json',
    input: damagedJson(EXPERIMENT),
    read: (folder) => readStudyExperiment(COMPARISON_FILES, folder),
  },
  'events.jsonl': {
    file: 'events.jsonl',
    input: damagedLines(EVENTS),
    read: (folder) => {
      const { events } = runPaths(folder);
      const before = readEvents(events);
      new EventLog(events).add({ kind: 'start', step: 1, steps: 2, tasks: [] });
      const after = readEvents(events);
      if (after.length !== before.filter(({ step }) => step <= 1).length + 1) throw new Error('the log lost lines');
    },
  },
  'result.json': { file: 'result.json', input: damagedJson(RESULT), read: readResult },
  'cost.json': { file: 'cost.json', input: damagedJson({ seconds: 1.5, peakMemoryMB: 300 }), read: readCost },
  'runs.jsonl': {
    file: 'runs.jsonl',
    input: damagedLines(RUNS),
    read: async (folder) => {
      const records = await readRuns(folder, 2);
      const again = await readRuns(folder, 2);
      if (again.length !== records.length) throw new Error('reading twice is not reading once');
      // Only a whole set of runs is ever summed up.
      const text = (all: typeof records) => transferText(summariseTransfer('fuzzed', plan(), all));
      const done = new Set(records.map(keyOf));
      if (plan().runs.every(({ name }) => done.has(name))) text(records);
    },
  },
  'metrics of a source': {
    file: 'sources/digits-seed-3.json',
    input: damagedJson(metrics),
    read: (folder) => readSourceMetrics(folder, 'digits', 3),
  },
  CSV: {
    file: 'a.csv',
    input: damagedBytes(Buffer.from('text,label\r\na,b\n"c ""d""\n",e\n')),
    read: (folder) => readCsv(join(folder, 'a.csv'), { columns: ['text', 'label'] }),
  },
  IDX: { file: 'a.idx', input: damagedBytes(idx), read: (folder) => readWhole(join(folder, 'a.idx')) },
  'gzipped IDX': {
    file: 'a.gz',
    input: damagedBytes(gzipSync(idx)),
    read: (folder) => readWhole(join(folder, 'a.gz')),
  },
  'a table of CSV': tableReader('table.csv', Buffer.from('text,label\r\na,b\n"c ""d""\n",e\nü,\n')),
  'a table of JSON Lines': tableReader(
    'table.jsonl',
    Buffer.from('{"a": [1, null], "b": "ü"}\n\n{"a": {"c": true}}\n'),
  ),
  'a gzipped table': tableReader('table.csv.gz', gzipSync('a,b\n1,2\n3,4\n')),
  'a table of Parquet': tableReader('table.parquet', fixture('snappy.parquet')),
  'a zip archive': tableReader('table.zip', zipped, openFolder),
  FLAC: {
    file: 'a.flac',
    isSlow: true,
    input: damagedBytes(fixture('tones.flac')),
    read: (folder) => readSound(join(folder, 'a.flac')),
  },
  'Ogg Vorbis': {
    file: 'a.ogg',
    isSlow: true,
    input: damagedBytes(fixture('tones.ogg')),
    read: (folder) => readSound(join(folder, 'a.ogg')),
  },
  MP3: {
    file: 'a.mp3',
    isSlow: true,
    input: damagedBytes(fixture('tones.mp3')),
    read: (folder) => readSound(join(folder, 'a.mp3')),
  },
  WAV: { file: 'a.wav', input: damagedBytes(sound), read: (folder) => readWav(join(folder, 'a.wav')) },
};

const readWhole = (path: string) => {
  const { shape, read } = readIdx(path);
  return read(0, shape[0]!);
};

/**
 * Gives a reader so many inputs. Nothing but a BanyanError may come of them, and none may take seconds.
 * @returns how many were read, and how many refused.
 */
export async function fuzz(
  name: string,
  runs: number,
  folder: string,
  seed?: number,
): Promise<{ read: number; refused: number }> {
  const { file, input, read } = READERS[name]!;
  mkdirSync(join(folder, 'sources'), { recursive: true });
  const outcome = { read: 0, refused: 0 };
  // There is one for many of the inputs.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    await fc.assert(
      fc.asyncProperty(input, async (bytes) => {
        writeFileSync(join(folder, file), bytes);
        const begin = process.cpuUsage();
        try {
          await read(folder);
          outcome.read++;
        } catch (error) {
          if (!(error instanceof Error && error.name === 'BanyanError')) throw error;
          outcome.refused++;
        }
        const taken = process.cpuUsage(begin).user / 1000;
        if (taken > 2000) throw new Error(`it took ${Math.round(taken)} ms of a processor`);
      }),
      { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
    );
  } finally {
    process.emitWarning = emitWarning;
  }
  return outcome;
}

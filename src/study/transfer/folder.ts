import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BanyanError } from '../../error.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { type Experiment, METHODS } from '../../experiment/schema.ts';
import { clearUnfinished, writeWhole as writeDurably } from '../../files/durable.ts';
import type { Metrics } from '../../train/index.ts';
import { experimentDifferences } from '../run/differences.ts';
import { exists, writeWhole } from '../run/folder.ts';
import { count, figure, metricsSchema, readJson, readLines, record, word } from '../run/records.ts';
import type { RunRecord } from './run.ts';

/** What the folder of a transfer experiment holds. */
export function transferPaths(folder: string) {
  return {
    /** The checked experiment: a valid experiment file itself. */
    experiment: join(folder, 'experiment.json'),
    /** A line for each finished run. */
    runs: join(folder, 'runs.jsonl'),
    /** Written last. */
    result: join(folder, 'result.json'),
    /** A trained source network. */
    source: (name: string, seed: number) => join(folder, 'sources', `${name}-seed-${seed}`),
    /** What it reached on held-out examples. */
    sourceMetrics: (name: string, seed: number) => join(folder, 'sources', `${name}-seed-${seed}.json`),
  };
}

/** The experiment that a folder was made for; undefined for a new one. */
export async function readTransferExperiment(folder: string): Promise<Experiment | undefined> {
  const { experiment } = transferPaths(folder);
  return (await exists(experiment)) ? (await loadExperiment(experiment)).experiment : undefined;
}

/**
 * Fills the folder, or goes on in it. Only for whoever holds its lock.
 * @throws BanyanError `experiment` where it was made for another experiment, with what differs.
 */
export async function openTransferFolder(folder: string, experiment: Experiment): Promise<void> {
  await mkdir(join(folder, 'sources'), { recursive: true });
  await clearUnfinished(join(folder, 'sources'));
  const before = await readTransferExperiment(folder);
  if (before === undefined) {
    await writeWhole(transferPaths(folder).experiment, experiment);
    return;
  }
  const others = experimentDifferences(before, experiment);
  if (others.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${folder} was made for another experiment: ${others.join('; ')}. Expected the same one, to go on with it. Set the file back, or choose another --out.`,
  );
}

/** `points`: measurements of a learning curve after the one before the training. */
const runSchema = (points: number): z.ZodType<RunRecord> =>
  record({
    seed: count,
    source: word.optional(),
    target: word,
    share: figure,
    method: z.enum(METHODS),
    metric: word,
    curve: z.array(record({ step: count, value: figure })).length(points + 1),
    test: figure,
    old: record({ before: metricsSchema, after: metricsSchema })
      .refine(({ before, after }) => namesOf(before) === namesOf(after))
      .optional(),
    parameters: count,
    seconds: figure,
  });

const namesOf = (metrics: Metrics): string =>
  JSON.stringify(Object.entries(metrics).map(([task, values]) => [task, Object.keys(values)]));

/** Finished runs. Lines that are damaged, or that a kill cut short, are taken out of the file: those runs are done again. */
export async function readRuns(folder: string, points: number): Promise<RunRecord[]> {
  const { runs } = transferPaths(folder);
  const lines = [...readLines(runs, runSchema(points), 'its runs are done again.')];
  const whole = lines.map(({ text }) => `${text}\n`).join('');
  if ((await exists(runs)) && Buffer.byteLength(whole) !== (await stat(runs)).size) {
    writeDurably(runs, whole);
  }
  return lines.map(({ value }) => value);
}

export async function appendRun(folder: string, record: RunRecord): Promise<void> {
  const file = await open(transferPaths(folder).runs, 'a');
  try {
    await file.writeFile(`${JSON.stringify(record)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What a source network reached; undefined where it is still to be trained. */
export async function readSourceMetrics(folder: string, name: string, seed: number): Promise<Metrics | undefined> {
  const path = transferPaths(folder).sourceMetrics(name, seed);
  const mend = 'Remove it: the source is trained again.';
  return (await exists(path)) ? readJson(path, metricsSchema, mend) : undefined;
}

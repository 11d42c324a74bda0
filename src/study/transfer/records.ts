import { open, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { CurvePoint } from '../../analysis/index.ts';
import { METHODS } from '../../experiment/schema.ts';
import { writeWhole } from '../../files/durable.ts';
import type { Metrics } from '../../train/index.ts';
import { exists, readJson } from '../records/json.ts';
import { readLines } from '../records/lines.ts';
import { count, figure, metricsSchema, record, word } from '../records/schemas.ts';
import { transferPaths } from './paths.ts';
import type { Training } from './plan.ts';

/** What a finished run reached. */
export interface TransferRecord extends Training {
  /** The target's first metric: what curve and test hold. */
  readonly metric: string;
  /** The learning curve on the validation split. */
  readonly curve: readonly CurvePoint[];
  /** The metric on the test split where there is one, else validation. */
  readonly test: number;
  /** The metrics of the source's tasks before and after the target was trained, on held-out examples, where there was a source network. */
  readonly old?: { readonly before: Metrics; readonly after: Metrics };
  /** How many numbers were trained. */
  readonly parameters: number;
  /** Seconds of training, without evaluation. */
  readonly seconds: number;
}

/** `points`: measurements of a learning curve after the one before the training. */
const recordSchema = (points: number): z.ZodType<TransferRecord> =>
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

/** Reads finished runs. Lines that are damaged, or that a kill cut short, are taken out of the file: those runs are done again. */
export async function readRuns(folder: string, points: number): Promise<TransferRecord[]> {
  const { runs } = transferPaths(folder);
  const lines = [...readLines(runs, recordSchema(points), 'its runs are done again.')];
  const whole = lines.map(({ text }) => `${text}\n`).join('');
  if ((await exists(runs)) && Buffer.byteLength(whole) !== (await stat(runs)).size) writeWhole(runs, whole);
  return lines.map(({ value }) => value);
}

/** Adds a finished run, and returns once it is on the disk. */
export async function appendRun(folder: string, run: TransferRecord): Promise<void> {
  const file = await open(transferPaths(folder).runs, 'a');
  try {
    await file.writeFile(`${JSON.stringify(run)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads what a source network reached; undefined where it is still to be trained. */
export async function readSourceMetrics(folder: string, name: string, seed: number): Promise<Metrics | undefined> {
  const path = transferPaths(folder).sourceMetrics(name, seed);
  const mend = 'Remove it: the source is trained again.';
  return (await exists(path)) ? readJson(path, metricsSchema, mend) : undefined;
}

import { z } from 'zod';
import type { MeasuredSplits } from '../../report/index.ts';
import { SPLITS } from '../../task/source.ts';
import type { Metrics } from '../../train/index.ts';
import { exists, readJson, writeJson } from '../records/json.ts';
import { byName, count, figure, metricsSchema, record, word } from '../records/schemas.ts';
import { runPaths } from './paths.ts';

/** How a run ended. */
export interface RunResult {
  /** The number of updates. */
  readonly steps: number;
  /** The metrics on held-out examples, by task and name. */
  readonly metrics: Metrics;
  /** The split of each task's metrics: `test` where it has one, else `validation`. */
  readonly splits: MeasuredSplits;
  /** The first metric of each task's head: what the task is judged by. */
  readonly leading: Readonly<Record<string, LeadingMetric>>;
}

/** What a run took: no two are alike in that. */
export interface RunCost {
  /** Seconds of training, without evaluations and checkpoints. */
  readonly seconds: number;
  /** The most memory that the process which ended the training held up to then. */
  readonly peakMemoryMB: number;
}

/** The metric that a task is judged by. */
export interface LeadingMetric {
  readonly metric: string;
  readonly higherIsBetter: boolean;
}

const resultSchema: z.ZodType<RunResult> = record({
  steps: count,
  metrics: metricsSchema,
  splits: byName(z.enum(SPLITS, `one of ${SPLITS.join(', ')}`), 'the splits of tasks'),
  leading: byName(record({ metric: word, higherIsBetter: z.boolean('true or false') }), 'the leading metrics of tasks'),
});
const costSchema: z.ZodType<RunCost> = record({ seconds: figure, peakMemoryMB: figure });

/** A run ends again where it ended, and writes both again. */
const mend = (folder: string) => `Remove ${runPaths(folder).result}, and go on by \`banyan resume ${folder}\`.`;

export const writeResult = (folder: string, result: RunResult) => writeJson(runPaths(folder).result, result);

export const writeCost = (folder: string, cost: RunCost) => writeJson(runPaths(folder).cost, cost);

/** Reads what a complete run took. @throws BanyanError `checkpoint` where the file is damaged. */
export const readCost = (folder: string): Promise<RunCost> => readJson(runPaths(folder).cost, costSchema, mend(folder));

/** Reads the result of a complete run; undefined for one that is not. @throws BanyanError `checkpoint` where the file is damaged. */
export async function readResult(folder: string): Promise<RunResult | undefined> {
  const { result } = runPaths(folder);
  return (await exists(result)) ? readJson(result, resultSchema, mend(folder)) : undefined;
}

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { jsonText } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import type { Experiment } from '../../experiment/schema.ts';
import { writeWhole as writeDurably } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { isThere } from '../../files/unless-missing.ts';
import type { MeasuredSplits } from '../../report/index.ts';
import type { Metrics } from '../../train/index.ts';
import { byName, count, figure, metricsSchema, readJson, record, word } from './records.ts';

/** Where a run keeps the network that its column stands beside, in its folder. */
export const BASE = 'base';

/** What a run's folder holds. */
export function runPaths(folder: string) {
  return {
    /** The checked experiment: a valid experiment file itself. */
    experiment: join(folder, 'experiment.json'),
    base: join(folder, BASE),
    /** Every event, one line of JSON each. */
    events: join(folder, 'events.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
    /** What a step spends its time on, where it was asked for. */
    profile: join(folder, 'profile.json'),
    /** What its columns are and what its tasks listen to, where it was asked for. */
    columns: join(folder, 'columns.html'),
    /** Curves, and which tasks pull apart where, if it was asked for. */
    report: join(folder, 'report.html'),
    /** The trained network. */
    network: join(folder, 'network'),
    /** What the training took. */
    cost: join(folder, 'cost.json'),
    /** Written last: a run that has it is complete. */
    result: join(folder, 'result.json'),
  };
}

/** How a run ended. */
export interface RunResult {
  readonly steps: number;
  readonly metrics: Metrics;
  /** The split of each task's metrics: `test` where it has one, else `validation`. */
  readonly splits: MeasuredSplits;
  /** The first metric of each task's head: what the task is judged by. */
  readonly leading: Readonly<Record<string, LeadingMetric>>;
}

/** What a run took: no two are alike in that. */
export interface RunCost {
  /** Of training, evaluations and checkpoints aside. */
  readonly seconds: number;
  /** The most memory that the process which ended the training held up to then. */
  readonly peakMemoryMB: number;
}

export interface LeadingMetric {
  readonly metric: string;
  readonly higherIsBetter: boolean;
}

/**
 * Whether a file of a folder is there.
 * @throws BanyanError `checkpoint` where that cannot be seen.
 */
export async function exists(path: string): Promise<boolean> {
  try {
    return await isThere(path);
  } catch (cause) {
    throw fileError('checkpoint', path, 'read', cause);
  }
}

/** @throws BanyanError `experiment` when there is a run in this folder already. */
export async function assertNoRun(folder: string): Promise<void> {
  if (await exists(runPaths(folder).experiment)) {
    throw new BanyanError(
      'experiment',
      `${folder} already holds a run, expected a folder without one. Go on with it by \`banyan resume ${folder}\`, or choose another --out.`,
    );
  }
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: Error) => {
    throw new BanyanError(
      'experiment',
      `${path} cannot be made: ${cause.message}. Expected a folder, or a place for one that can be written to. Choose another --out.`,
      { cause },
    );
  });
}

/** The folder of a new run: `out`, or the first free `runs/<name>-<n>`. */
export async function createRunFolder(name: string, out: string | undefined): Promise<string> {
  if (out !== undefined) {
    await assertNoRun(out);
    await makeFolder(out);
    return out;
  }
  await makeFolder('runs');
  for (let n = 1; ; n++) {
    const folder = join('runs', `${name}-${n}`);
    // mkdir fails where another process was faster: no two runs get one folder.
    const made = await mkdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw fileError('experiment', folder, 'made', error);
      },
    );
    if (made) return folder;
  }
}

/** Whole or not at all, whatever befalls the machine. */
export async function writeWhole(path: string, data: unknown): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    writeDurably(path, jsonText(data));
  } catch (cause) {
    throw fileError('experiment', path, 'written', cause);
  }
}

/** What writes the experiment of a run again as it stands now, where its folder is gone: without it nobody could go on. */
export function keepExperiment(folder: string): () => void {
  const { experiment } = runPaths(folder);
  const text = readFileSync(experiment, 'utf8');
  return () => {
    if (existsSync(experiment)) return;
    try {
      mkdirSync(folder, { recursive: true });
      writeDurably(experiment, text);
    } catch (error) {
      process.emitWarning(
        `${(fileError('experiment', experiment, 'written', error) as Error).message}`,
        'BanyanWarning',
      );
    }
  };
}

export const writeExperiment = (folder: string, experiment: Experiment) =>
  writeWhole(runPaths(folder).experiment, experiment);

export const writeResult = (folder: string, result: RunResult) => writeWhole(runPaths(folder).result, result);

export const writeCost = (folder: string, cost: RunCost) => writeWhole(runPaths(folder).cost, cost);

const SPLITS = ['training', 'validation', 'test'] as const;
const resultSchema: z.ZodType<RunResult> = record({
  steps: count,
  metrics: metricsSchema,
  splits: byName(z.enum(SPLITS, `one of ${SPLITS.join(', ')}`), 'the splits of tasks'),
  leading: byName(record({ metric: word, higherIsBetter: z.boolean('true or false') }), 'the leading metrics of tasks'),
});
const costSchema: z.ZodType<RunCost> = record({ seconds: figure, peakMemoryMB: figure });

/** A run ends again where it ended, and writes both again. */
const again = (folder: string) => `Remove ${runPaths(folder).result}, and go on by \`banyan resume ${folder}\`.`;

/** What a complete run took. */
export const readCost = (folder: string): Promise<RunCost> =>
  readJson(runPaths(folder).cost, costSchema, again(folder));

/** The result of a complete run; undefined for one that is not. */
export async function readResult(folder: string): Promise<RunResult | undefined> {
  const { result } = runPaths(folder);
  return (await exists(result)) ? readJson(result, resultSchema, again(folder)) : undefined;
}

/** What the folder of a comparison has in place of a run's experiment. */
export const COMPARISON = 'comparison.json';
/** What the folders of many runs have, and a run's has not. */
const MANY = { 'runs.jsonl': 'transfer', [COMPARISON]: 'compare' };

/** The command that made a folder of many runs; undefined for another folder. */
export async function manyRunsOf(folder: string): Promise<string | undefined> {
  for (const [name, command] of Object.entries(MANY)) if (await exists(join(folder, name))) return command;
  return undefined;
}

/** @throws BanyanError `checkpoint` when the folder holds no run. */
export async function readRun(folder: string): Promise<LoadedExperiment> {
  const { experiment } = runPaths(folder);
  const command = await manyRunsOf(folder);
  if (command !== undefined) {
    throw new BanyanError(
      'checkpoint',
      `${folder} holds the many runs of \`banyan ${command}\`, expected a single one, made by \`banyan train\`. Check the path, or go on with it by \`banyan ${command}\`.`,
    );
  }
  if (!(await exists(experiment))) {
    throw new BanyanError(
      'checkpoint',
      `${folder} holds no run: expected a folder with experiment.json, made by \`banyan train\`. Check the path.`,
    );
  }
  // Late: the schema is not needed to say that there is no run.
  const { loadExperiment } = await import('../../experiment/load.ts');
  return loadExperiment(experiment);
}

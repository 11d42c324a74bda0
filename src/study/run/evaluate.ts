import { evaluate, linearBaseline, majorityBaseline, meanBaseline } from '../../evaluate/index.ts';
import { internals, measuredSplit, type Network } from '../../network/index.ts';
import type { MeasuredSplits } from '../../report/index.ts';
import type { Split } from '../../task/source.ts';
import type { Metrics } from '../../train/index.ts';

/** What is measured of a run's network. */
export interface EvaluationOptions {
  /** Default: of each task `test` where it has one, else `validation`. */
  readonly split?: Split;
  /** Whether a linear model is trained and measured beside it. */
  readonly linear?: boolean;
}

/** A figure for each task, by its name; tasks that have none are left out. */
export type FigureOfTask = Readonly<Record<string, number>>;

/** Metrics of a run's network, and what they are to be held against. */
export interface Evaluation {
  readonly metrics: Metrics;
  readonly splits: MeasuredSplits;
  /** How many examples were measured, with a label or without. */
  readonly examples: FigureOfTask;
  /**
   * Of a classification the accuracy of always naming the most frequent class (`majorityBaseline`), of numbers the root of the mean squared
   * error of always telling their mean (`meanBaseline`).
   */
  readonly chance: FigureOfTask;
  /** What a linear model reaches, accuracy or root of the mean squared error: see `linearBaseline`. */
  readonly linear?: FigureOfTask;
}

/** Measures a run's network, beside what chance reaches on the same split and, where it is asked for, a linear model. */
export async function evaluateRun(network: Network, options: EvaluationOptions = {}): Promise<Evaluation> {
  const { split, linear = false } = options;
  const metrics = await evaluate(network, split === undefined ? {} : { split });
  const { tasks } = network;
  const splits = Object.fromEntries(tasks.map(({ name, source }) => [name, split ?? measuredSplit(source)]));
  const examples = Object.fromEntries(tasks.map(({ name, source }) => [name, source.counts[splits[name]!]]));
  // Baselines are measured on that split alone.
  const comparable = tasks.filter(({ name, source }) => splits[name] === measuredSplit(source)).map(({ name }) => name);
  const { body } = internals(network);
  const classified = comparable.filter((name) => {
    const { dtype, shape } = body.task(name).label;
    return dtype === 'int32' && shape.length === 0;
  });
  const numbers = comparable.filter((name) => metrics[name]?.rmse !== undefined);
  const figures = async (names: readonly string[], baseline: typeof majorityBaseline): Promise<FigureOfTask> => {
    const entries: [string, number][] = [];
    for (const name of names) entries.push([name, await baseline(network, name)]);
    return Object.fromEntries(entries);
  };
  return {
    metrics,
    splits,
    examples,
    chance: { ...(await figures(classified, majorityBaseline)), ...(await figures(numbers, meanBaseline)) },
    ...(linear ? { linear: await figures([...classified, ...numbers], linearBaseline) } : {}),
  };
}

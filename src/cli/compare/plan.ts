import { methods as knownMethods } from '../../balance/index.ts';
import { BanyanError } from '../../error.ts';
import type { CheckedExperiment } from '../experiment/load.ts';
import { didYouMean } from '../experiment/nearest.ts';

/** One training: a task alone, or all of them by a method. */
export interface Run {
  /** Its folder. */
  readonly name: string;
  readonly seed: number;
  /** The task that is trained alone. */
  readonly alone?: string;
  /** What all tasks are balanced by. */
  readonly method?: string;
}

/** What is to be compared. */
export interface ComparisonPlan {
  readonly tasks: readonly string[];
  /** The first is what the others are compared with. */
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** The outermost loop is over the seeds: a measurement that is cut short holds whole repetitions. */
  readonly runs: readonly Run[];
}

/** @throws BanyanError `argument` for an unknown method, one that is named twice, a number of seeds that is none. */
export function planComparison(
  experiment: CheckedExperiment,
  methods: readonly string[],
  count: number,
): ComparisonPlan {
  checkNames(methods);
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new BanyanError('argument', `compare: --seeds must be a whole number >= 1, received ${count}. Correct it.`);
  }
  const tasks = Object.keys(experiment.tasks);
  const seeds = Array.from({ length: count }, (_, i) => experiment.seed + i);
  const runs = seeds.flatMap((seed): Run[] => [
    ...tasks.map((alone) => ({ name: `alone-${alone}-seed-${seed}`, seed, alone })),
    ...methods.map((method) => ({ name: `${method}-seed-${seed}`, seed, method })),
  ]);
  return { tasks, methods, seeds, runs };
}

function checkNames(names: readonly string[]): void {
  const known = knownMethods().map(({ name }) => name);
  for (const [i, name] of names.entries()) {
    if (known.includes(name) && names.indexOf(name) === i) continue;
    const text = known.includes(name)
      ? `compare: --methods names "${name}" twice, expected each method once. Remove one.`
      : `compare: --methods: expected some of ${known.join(', ')}, received "${name}". ${didYouMean(name, known, 'Remove it.')}`;
    throw new BanyanError('argument', text);
  }
}

/** The experiment of one run. */
export function experimentOf(experiment: CheckedExperiment, run: Run): CheckedExperiment {
  const { tasks, training, report: _, transfer: __, ...rest } = experiment;
  const { seed: ___, balance: ____, ...steps } = training;
  return {
    ...rest,
    name: run.name,
    seed: run.seed,
    tasks: run.alone === undefined ? tasks : { [run.alone]: tasks[run.alone]! },
    training: run.method === undefined ? steps : { ...steps, balance: run.method },
  };
}

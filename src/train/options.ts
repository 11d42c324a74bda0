import type { BalanceOption } from '../balance/index.ts';
import { BanyanError } from '../error.ts';
import type { BuiltTask, Network } from '../network/index.ts';
import type { Optimizer, Schedule } from '../optimise/index.ts';
import { checkSeed } from '../random/index.ts';
import type { CompileMode, Precision } from '../runtime/index.ts';
import type { TrainingEvent } from './events.ts';

/** When a training is saved on its way. Whatever it is, no bit of the training changes. */
export interface CheckpointOptions {
  readonly folder: string;
  /** Every so many steps. */
  readonly every?: number;
  /** Whenever so many minutes have gone by. Default: five, where there is no `every`. */
  readonly minutes?: number;
}

export interface TrainOptions {
  /** Number of updates; or give `epochs`. */
  readonly steps?: number;
  /** Passes through the training set that takes the most steps. */
  readonly epochs?: number;
  /** Examples of each task in one step: one number, or by a task's name a number each, the same for tasks of one source. */
  readonly batch: number | Readonly<Record<string, number>>;
  /** Names of the tasks to train. Default: all that are not frozen, which are those of the last column. */
  readonly tasks?: readonly string[];
  /** How tasks that pull apart are balanced: a method of `banyan-ml/balance`, by name or with options. Default: equally. */
  readonly balance?: string | BalanceOption;
  /**
   * Compares the tasks' gradients over the trunk and block by block, in the first step and every so many after it: `gradients`
   * of the `step` event. Such a step costs one more backward pass for each task, and its memory is one copy of the trunk's
   * weights for each task; next to nothing where `balance` keeps the gradients anyway. Changes no bit of the training.
   * Default: never.
   */
  readonly compareGradientsEvery?: number;
  /** Default: AdamW at 2e-3, or whatever the network was trained with before, with its state. */
  readonly optimizer?: Optimizer;
  /** Default: warm-up over a twentieth of the steps, then a cosine down to 0. */
  readonly schedule?: Schedule;
  /**
   * Works through a step's batch in so many parts, one after the other, and updates by the sum of their gradients: the same
   * update (but for dropout and batch statistics, which are a part's own) in less memory. Divides `batch`. Default 1.
   */
  readonly accumulate?: number;
  /** Largest global norm of the gradient; Infinity: no clipping. Default 1. */
  readonly clip?: number;
  /** Metrics on the validation split every so many steps. */
  readonly evaluateEvery?: number;
  /** At most so many examples for that, drawn from the whole split, the same each time. Default: all. */
  readonly evaluateExamples?: number;
  /** Ends the training after the event for which it returns true. */
  readonly stop?: (event: TrainingEvent) => boolean;
  /**
   * Ends the training once it is aborted, after the running step or between two batches of an evaluation (which a resumed
   * training makes up for). As after `stop`, the last events are told.
   */
  readonly signal?: AbortSignal;
  /**
   * Writes checkpoints into `folder`: on the way, and at the end, however that comes. One that cannot be written is a warning, and
   * tried again.
   */
  readonly checkpoint?: CheckpointOptions;
  /** Seconds that an `open()` or `read()` of a source may take at most. Default: any time, with a warning now and then. */
  readonly sourceTimeout?: number;
  /**
   * Writes a trace of the tenth step into this file, for the viewers of Chrome (chrome://tracing) and Perfetto: what each
   * operation takes, named after stem, block or head.
   */
  readonly profile?: string;
  /** Of the order of the examples and of all draws in the graph: a whole number from 0 to 2^53 - 1. Default 0. */
  readonly seed?: number;
  /** How a step runs: as one graph where that is possible (`auto`, the default), or as said. */
  readonly compile?: CompileMode;
  /**
   * `mixed`: products and convolutions of a step in bfloat16; weights, losses and updates stay float32. For cards; on a
   * processor it has brought nothing so far, since the conversions cost what the products save. Needs a graph. Default `float32`.
   */
  readonly precision?: Precision;
}

function check(good: boolean, what: string, received: unknown): void {
  if (!good) throw new BanyanError('argument', `train: ${what}, received ${String(received)}. Correct it.`);
}

const whole = (value: number) => Number.isSafeInteger(value) && value >= 1;

function checkWhole(what: string, value: number): void {
  const most = value > Number.MAX_SAFE_INTEGER ? ' and at most 2^53 - 1' : '';
  check(whole(value), `${what} must be a whole number >= 1${most}`, value);
}

/** The tasks to train. Their sources may still have to be opened. */
export function chosenTasks(network: Network, options: TrainOptions): readonly BuiltTask[] {
  const { body } = network;
  const frozen = (name: string) => body.isFrozen(body.task(name).stem.column);
  const names = options.tasks ?? network.tasks.map((task) => task.name).filter((name) => !frozen(name));
  check(names.length > 0, 'tasks must name at least one', 'none');
  check(new Set(names).size === names.length, 'tasks must name each once', names.join(', '));
  for (const name of names) {
    const last = body.columns.length - 1;
    const open = body.columns[last]!.tasks.map((task) => task.name).join(', ');
    check(
      !frozen(name),
      `a task to train must be one of the last column (${open}): a later column froze the others`,
      name,
    );
  }
  return names.map((name) => body.task(name));
}

/** Checks the numbers and returns how many steps they mean. */
export function checkOptions(options: TrainOptions, tasks: readonly Pick<BuiltTask, 'name' | 'definition'>[]): number {
  const { steps, epochs, batch, accumulate = 1, clip, seed } = options;
  const { compareGradientsEvery, evaluateEvery, evaluateExamples, checkpoint, sourceTimeout } = options;
  for (const { name, definition } of tasks) {
    check(
      definition.source.counts.training > 0,
      `task "${name}" must have training examples`,
      definition.source.counts.training,
    );
  }
  if (seed !== undefined) checkSeed('train: seed', seed);
  const sizes = batchSizes(batch, tasks);
  for (const size of new Set(sizes.values()))
    check(whole(accumulate) && size % accumulate === 0, `accumulate must divide batch ${size}`, accumulate);
  check(clip === undefined || clip > 0, 'clip must be > 0', clip);
  if (compareGradientsEvery !== undefined) checkWhole('compareGradientsEvery', compareGradientsEvery);
  if (evaluateEvery !== undefined) checkWhole('evaluateEvery', evaluateEvery);
  if (evaluateExamples !== undefined) checkWhole('evaluateExamples', evaluateExamples);
  if (checkpoint?.every !== undefined) checkWhole('checkpoint.every', checkpoint.every);
  check(
    checkpoint?.minutes === undefined || checkpoint.minutes > 0,
    'checkpoint.minutes must be > 0',
    checkpoint?.minutes,
  );
  check(sourceTimeout === undefined || sourceTimeout > 0, 'sourceTimeout must be > 0', sourceTimeout);
  check(
    (steps === undefined) !== (epochs === undefined),
    'expected either steps or epochs',
    `steps ${steps}, epochs ${epochs}`,
  );
  if (evaluateEvery !== undefined) {
    for (const { name, definition } of tasks) {
      const count = definition.source.counts.validation;
      const good = count > 0 && Number.isFinite(count);
      check(good, `evaluateEvery needs a validation split that ends; task "${name}"`, `${count} examples`);
    }
  }
  if (steps !== undefined) {
    checkWhole('steps', steps);
    return steps;
  }
  check(epochs! > 0, 'epochs must be > 0', epochs);
  const passes = tasks.map(({ name, definition }) => (epochs! * definition.source.counts.training) / sizes.get(name)!);
  const longest = Math.max(...passes);
  check(Number.isFinite(longest), 'epochs need training sets that end; give steps', longest);
  check(longest <= Number.MAX_SAFE_INTEGER, 'epochs must mean at most 2^53 - 1 steps', longest);
  return Math.max(1, Math.ceil(longest));
}

/** Examples of each task in one step, by its name. */
export function batchSizes(
  batch: TrainOptions['batch'],
  tasks: readonly Pick<BuiltTask, 'name' | 'definition'>[],
): ReadonlyMap<string, number> {
  const sizes = new Map(tasks.map(({ name }) => [name, typeof batch === 'number' ? batch : batch[name]]));
  for (const [name, size] of sizes) {
    const what = typeof batch === 'number' ? 'batch' : `batch of task "${name}"`;
    check(size !== undefined, `${what} must be a whole number >= 1`, 'nothing');
    checkWhole(what, size!);
  }
  for (const { name, definition } of tasks) {
    const other = tasks.find((one) => one.definition.source === definition.source)!.name;
    const equal = sizes.get(name) === sizes.get(other);
    check(
      equal,
      `tasks "${other}" and "${name}" have one source, and must have one batch`,
      `${sizes.get(other)} and ${sizes.get(name)}`,
    );
  }
  return sizes as ReadonlyMap<string, number>;
}

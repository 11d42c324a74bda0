import { check, count, positive } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { BuiltTask, NetworkBody } from '../network/index.ts';
import { checkSeed } from '../random/index.ts';
import { show } from '../show.ts';
import type { TrainOptions } from './options.ts';

/** What the checks look at in a task. */
type TrainedTask = Pick<BuiltTask, 'name' | 'definition'>;

/** What checked options mean. */
export interface CheckedOptions {
  readonly steps: number;
  /** Examples of each task in one step, by its name. */
  readonly sizes: ReadonlyMap<string, number>;
}

function assert(good: boolean, what: string, received: unknown, mend: string): void {
  if (!good) throw new BanyanError('argument', `train: ${what}, received ${String(received)}. ${mend}`);
}

/** Checks an option that may be left out: a count. */
function checkCount(name: string, value: number | undefined): void {
  if (value !== undefined) check('train', { [name]: value }, count);
}

/** Checks an option that may be left out: a number > 0, or Infinity for one without a limit. */
function checkLimit(name: string, value: number | undefined): void {
  if (value !== undefined && value !== Number.POSITIVE_INFINITY) check('train', { [name]: value }, positive);
}

/** Checks an option that may be left out: an object with this method, where a program may say a name as files do. */
function checkMade(name: string, value: unknown, method: string, maker: string): void {
  if (value === undefined || typeof (value as Record<string, unknown> | null)?.[method] === 'function') return;
  assert(
    false,
    `${name} must be what a function such as ${maker}() makes`,
    show(value),
    'Call the function that makes it.',
  );
}

/**
 * Chooses the tasks to train. Their sources may still have to be opened.
 * @throws BanyanError `argument`.
 */
export function chosenTasks(
  body: Pick<NetworkBody, 'boundTasks' | 'columns' | 'isFrozen' | 'task'>,
  options: Pick<TrainOptions, 'tasks'>,
): readonly BuiltTask[] {
  const isFrozen = (name: string) => body.isFrozen(body.task(name).input.column);
  const names = options.tasks ?? body.boundTasks.map(({ name }) => name).filter((name) => !isFrozen(name));
  assert(names.length > 0, 'tasks must name at least one', 'none', 'Name one, or leave tasks out.');
  assert(new Set(names).size === names.length, 'tasks must name each once', names.join(', '), 'Name each once.');
  const last = body.columns.at(-1)!.tasks.map(({ name }) => name);
  for (const name of names) {
    const expected = `a task to train must be one of the last column (${last.join(', ')}): a later column froze the others`;
    assert(!isFrozen(name), expected, name, 'Name these alone.');
  }
  return names.map((name) => body.task(name));
}

/**
 * Checks the numbers among the options, and counts what they mean for these tasks, whose sources are open.
 * @throws BanyanError `argument` that names the first one that cannot be.
 */
export function checkOptions(options: TrainOptions, tasks: readonly TrainedTask[]): CheckedOptions {
  const { accumulate = 1, checkpoint, evaluateEvery, seed } = options;
  checkMade('sampler', options.sampler, 'begin', 'roundRobin');
  checkMade('average', options.average, 'take', 'exponentialAverage');
  checkMade('schedule', options.schedule, 'factor', 'cosineSchedule');
  checkMade('optimizer', options.optimizer, 'prepare', 'adamW');
  const rules: unknown = options.parameters;
  assert(
    rules === undefined || Array.isArray(rules),
    'parameters must be a list of rules',
    show(rules),
    'Put the rule into a list.',
  );
  for (const { name, definition } of tasks) {
    const examples = definition.source.counts.training;
    const mend = 'Give its source some, or leave the task out.';
    assert(examples > 0, `task "${name}" must have training examples`, examples, mend);
  }
  if (seed !== undefined) checkSeed('train: seed', seed);
  const sizes = batchSizes(options.batch, tasks);
  for (const size of new Set(sizes.values())) {
    const divides = Number.isSafeInteger(accumulate) && accumulate >= 1 && size % accumulate === 0;
    assert(divides, `accumulate must divide batch ${size}`, accumulate, 'Give a divisor, or another batch.');
  }
  checkLimit('clip', options.clip);
  checkCount('compareGradientsEvery', options.compareGradientsEvery);
  checkCount('evaluateEvery', evaluateEvery);
  checkCount('evaluateExamples', options.evaluateExamples);
  checkCount('checkpoint.every', checkpoint?.every);
  checkLimit('checkpoint.minutes', checkpoint?.minutes);
  checkLimit('sourceTimeout', options.sourceTimeout);
  const { schedule } = options;
  assert(
    schedule?.follow === undefined || evaluateEvery !== undefined,
    `the schedule "${schedule?.kind}" follows evaluations, expected evaluateEvery`,
    'none',
    'Set evaluateEvery, or choose a schedule that depends on the step alone.',
  );
  const { sampler } = options;
  assert(
    sampler?.followsEvaluations !== true || evaluateEvery !== undefined,
    `the sampler "${sampler?.kind}" follows evaluations, expected evaluateEvery`,
    'none',
    'Set evaluateEvery, or choose a sampler that needs none.',
  );
  assert(
    sampler === undefined || options.epochs === undefined,
    'epochs count the examples of all tasks in each step, expected steps beside a sampler',
    `epochs ${options.epochs}, sampler "${sampler?.kind}"`,
    'Give steps instead.',
  );
  if (evaluateEvery !== undefined) for (const task of tasks) checkValidation(task);
  return { steps: countSteps(options, tasks, sizes), sizes };
}

/** Gives the examples of each task in one step, by its name. */
function batchSizes(batch: TrainOptions['batch'], tasks: readonly TrainedTask[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { name } of tasks) {
    const [option, size] =
      typeof batch === 'number' ? (['batch', batch] as const) : ([`batch of task "${name}"`, batch[name]] as const);
    if (size === undefined) throw noBatch(option);
    check('train', { [option]: size }, count);
    sizes.set(name, size);
  }
  for (const { name, definition } of tasks) {
    const first = tasks.find((task) => task.definition.source === definition.source)!.name;
    assert(
      sizes.get(name) === sizes.get(first),
      `tasks "${first}" and "${name}" have one source, and must have one batch`,
      `${sizes.get(first)} and ${sizes.get(name)}`,
      'Give both the same number.',
    );
  }
  return sizes;
}

const noBatch = (option: string) =>
  new BanyanError('argument', `train: ${option} must be a whole number >= 1, received nothing. Add it.`);

function checkValidation({ name, definition }: TrainedTask): void {
  const examples = definition.source.counts.validation;
  assert(
    examples > 0 && Number.isFinite(examples),
    `evaluateEvery needs a validation split that ends; task "${name}"`,
    `${examples} examples`,
    'Give its source such a split, or leave evaluateEvery out.',
  );
}

/** Counts the steps that `steps` or `epochs` mean. */
function countSteps(
  { steps, epochs, cluster }: Pick<TrainOptions, 'steps' | 'epochs' | 'cluster'>,
  tasks: readonly TrainedTask[],
  sizes: ReadonlyMap<string, number>,
): number {
  const either = (steps === undefined) !== (epochs === undefined);
  assert(either, 'expected either steps or epochs', `steps ${steps}, epochs ${epochs}`, 'Give one of the two.');
  if (steps !== undefined) {
    check('train', { steps }, count);
    return steps;
  }
  check('train', { epochs }, positive);
  const workers = cluster?.workers.length ?? 1;
  const perTask = tasks.map(
    ({ name, definition }) => (epochs! * definition.source.counts.training) / (workers * sizes.get(name)!),
  );
  const longest = Math.max(...perTask);
  assert(Number.isFinite(longest), 'epochs need training sets that end', longest, 'Give steps instead.');
  assert(
    longest <= Number.MAX_SAFE_INTEGER,
    'epochs must mean at most 2^53 - 1 steps',
    longest,
    'Give fewer epochs, or a larger batch.',
  );
  return Math.max(1, Math.ceil(longest));
}

import { tasksInOption } from '../balance/index.ts';
import type { Bindings, KindData } from '../kind/index.ts';
import { averageKinds, optimizerKinds, scheduleKinds } from '../optimise/index.ts';
import { type Logger, loggerKinds } from '../report/index.ts';
import { samplerForTasks, samplerKinds } from '../sample/index.ts';
import type { TrainOptions } from '../train/index.ts';
import { sharingKinds, type Trunk, trunkKinds } from '../trunk/index.ts';
import type { CheckedExperiment } from './load.ts';
import type { TransferData } from './schema.ts';

// Flat data to objects: nothing behind these functions sees an experiment. `bindings` are the container of its plugins.

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out the keys that are undefined: a builder's own defaults stand for them. */
export function given<T extends object>(options: T): Defined<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Makes the trunk, shared as its `sharing` says. */
export function buildTrunk({ sharing, ...data }: KindData, bindings?: Bindings): Trunk {
  const trunk = trunkKinds.build(data, bindings);
  return sharing === undefined ? trunk : sharingKinds.build(sharing, bindings)(trunk);
}

interface SteppingData {
  readonly optimizer?: KindData | undefined;
  readonly schedule?: KindData | undefined;
  readonly sampler?: KindData | undefined;
  readonly average?: KindData | undefined;
}

/** Makes what a step is made by; the other options stay as they are. */
function buildStepping<T extends SteppingData>(
  { optimizer, schedule, sampler, average, ...options }: T,
  bindings: Bindings | undefined,
) {
  return {
    ...options,
    optimizer: optimizer && optimizerKinds.build(optimizer, bindings),
    schedule: schedule && scheduleKinds.build(schedule, bindings),
    sampler: sampler && samplerKinds.build(sampler, bindings),
    average: average && averageKinds.build(average, bindings),
  };
}

/** Makes the loggers that an experiment names. */
export const buildLoggers = ({ log = [] }: CheckedExperiment, bindings?: Bindings): readonly Logger[] =>
  log.map((data) => loggerKinds.build(data, bindings));

// For a report: a few per cent of the steps take about twice as long.
const COMPARED_EVERY = 20;

/** Makes what `train` and `resume` are given; checkpoints go to `folder`. */
export function buildTrainOptions(experiment: CheckedExperiment, folder: string, bindings?: Bindings): TrainOptions {
  const { checkpoint, threads: _, seed = experiment.seed, compareGradientsEvery, ...rest } = experiment.training;
  return given({
    ...buildStepping(rest, bindings),
    compareGradientsEvery: compareGradientsEvery ?? (experiment.report ? COMPARED_EVERY : undefined),
    seed,
    checkpoint: checkpoint === false ? undefined : { ...given(checkpoint ?? {}), folder },
  }) as TrainOptions;
}

type Training = CheckedExperiment['training'];

/** Keeps what is given by the names of tasks for these alone; a rule by another task is left out. */
export function forTasks<
  T extends Pick<Training, 'batch' | 'balance' | 'sampler'> & Partial<Pick<Training, 'stop' | 'best'>>,
>(training: T, names: readonly string[], bindings?: Bindings): T {
  const { batch, balance, sampler, stop, best } = training;
  const isOther = (task: string | undefined) => task !== undefined && !names.includes(task);
  const kept = { ...training };
  if (isOther(stop?.task)) delete kept.stop;
  if (isOther(best?.task)) delete kept.best;
  const ofThese = (byName: object) =>
    Object.fromEntries(Object.entries(byName).filter(([name]) => names.includes(name)));
  const { method, options: all = {} } = typeof balance === 'object' ? balance : { method: '' };
  const options = Object.entries(all).map(([option, value]) => {
    if (tasksInOption(method, option, bindings) === undefined) return [option, value];
    return [option, Array.isArray(value) ? value.filter((name) => names.includes(name)) : ofThese(value as object)];
  });
  return {
    ...kept,
    batch: typeof batch === 'number' ? batch : ofThese(batch),
    ...(sampler === undefined ? {} : { sampler: samplerForTasks(sampler, names, bindings) }),
    ...(typeof balance === 'object' ? { balance: { ...balance, options: Object.fromEntries(options) } } : {}),
  };
}

/** Makes the options of training the network with these tasks that a transfer begins from: nothing but the training itself. */
export function buildSourceTraining(
  { training }: CheckedExperiment,
  tasks: readonly string[],
  seed: number,
  bindings?: Bindings,
): TrainOptions {
  const {
    checkpoint: _,
    evaluateEvery,
    evaluateExamples,
    threads: __,
    compareGradientsEvery: ___,
    stop: ____,
    best: _____,
    ...rest
  } = forTasks(training, tasks, bindings);
  const stepping = buildStepping(rest, bindings);
  // Such a schedule or sampler is nothing without evaluations.
  const isFollowed = stepping.schedule?.follow !== undefined || stepping.sampler?.followsEvaluations === true;
  return given({ ...stepping, ...(isFollowed && { evaluateEvery, evaluateExamples }), seed }) as TrainOptions;
}

/** Makes the options of training a target of a transfer, with its learning curve. */
export function buildTargetTraining(
  { training, points, evaluateExamples }: TransferData,
  target: string,
  seed: number,
  bindings?: Bindings,
): TrainOptions {
  const evaluateEvery = training.steps / points;
  const stepping = buildStepping(forTasks(training, [target], bindings), bindings);
  return given({ ...stepping, evaluateEvery, evaluateExamples, seed, tasks: [target] }) as TrainOptions;
}

import { tasksInOption } from '../balance/index.ts';
import { adam, adamW, constantSchedule, type Optimizer, type Schedule, sgd, warmupCosine } from '../optimise/index.ts';
import type { TrainOptions } from '../train/index.ts';
import {
  branching,
  cgc,
  convTrunk,
  crossStitch,
  denseTrunk,
  dselectK,
  mmoe,
  mtan,
  ple,
  type Trunk,
  transformerTrunk,
} from '../trunk/index.ts';
import type { CheckedExperiment } from './load.ts';
import type { OptimizerData, ScheduleData, SharingData, TransferData, TrunkData } from './schema.ts';

// Flat data to objects: nothing behind these functions sees an experiment.

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the keys that are undefined: a builder's own defaults stand for them. */
export function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}

export function buildTrunk({ sharing, ...data }: TrunkData): Trunk {
  const trunk = buildPlainTrunk(data as PlainTrunkData);
  return sharing === undefined ? trunk : shareTrunk(trunk, sharing);
}

type PlainTrunkData = TrunkData extends infer Each ? (Each extends TrunkData ? Omit<Each, 'sharing'> : never) : never;

function buildPlainTrunk({ kind, ...options }: PlainTrunkData): Trunk {
  switch (kind) {
    case 'transformer':
      return transformerTrunk(given(options) as Parameters<typeof transformerTrunk>[0]);
    case 'conv':
      return convTrunk(given(options));
    case 'dense':
      return denseTrunk(given(options));
  }
}

function shareTrunk(trunk: Trunk, data: SharingData): Trunk {
  switch (data.kind) {
    case 'cross-stitch':
      return crossStitch(trunk);
    case 'mmoe':
      return mmoe(trunk, given(data));
    case 'cgc':
      return cgc(trunk, given(data));
    case 'ple':
      return ple(trunk, given(data));
    case 'mtan':
      return mtan(trunk);
    case 'dselect-k':
      return dselectK(trunk, given(data));
    case 'branching':
      return branching(trunk, given(data));
  }
}

export function buildOptimizer({ kind, ...options }: OptimizerData): Optimizer {
  switch (kind) {
    case 'adam':
      return adam(given(options));
    case 'adamw':
      return adamW(given(options));
    case 'sgd':
      return sgd(given(options) as Parameters<typeof sgd>[0]);
  }
}

export function buildSchedule(data: ScheduleData): Schedule {
  return data.kind === 'constant' ? constantSchedule() : warmupCosine({ warmup: data.warmup });
}

/** How a step is made; whatever else is given stays as it is. */
function buildStepping<T extends { optimizer?: OptimizerData | undefined; schedule?: ScheduleData | undefined }>({
  optimizer,
  schedule,
  ...numbers
}: T) {
  return {
    ...numbers,
    optimizer: optimizer && buildOptimizer(optimizer),
    schedule: schedule && buildSchedule(schedule),
  };
}

// For a report: a few per cent of the steps take about twice as long.
const WATCHED = 20;

/** What `train` and `resume` are given; checkpoints go to `folder`. */
export function buildTrainOptions(experiment: CheckedExperiment, folder: string): TrainOptions {
  const { checkpoint, threads: _, seed = experiment.seed, compareGradientsEvery, ...rest } = experiment.training;
  return given({
    ...buildStepping(rest),
    compareGradientsEvery: compareGradientsEvery ?? (experiment.report ? WATCHED : undefined),
    seed,
    checkpoint: checkpoint === false ? undefined : { ...given(checkpoint ?? {}), folder },
  }) as TrainOptions;
}

/** What is given by the names of tasks, for these alone. */
export function forTasks<T extends Pick<CheckedExperiment['training'], 'batch' | 'balance'>>(
  training: T,
  names: readonly string[],
): T {
  const { batch, balance } = training;
  const ofThese = (byName: object) =>
    Object.fromEntries(Object.entries(byName).filter(([name]) => names.includes(name)));
  const { method, options: all = {} } = typeof balance === 'object' ? balance : { method: '' };
  const options = Object.entries(all).map(([option, value]) => {
    if (tasksInOption(method, option) === undefined) return [option, value];
    return [option, Array.isArray(value) ? value.filter((name) => names.includes(name)) : ofThese(value as object)];
  });
  return {
    ...training,
    batch: typeof batch === 'number' ? batch : ofThese(batch),
    ...(typeof balance === 'object' ? { balance: { ...balance, options: Object.fromEntries(options) } } : {}),
  };
}

/** For the network with these tasks that a transfer begins from: nothing but the training itself. */
export function buildSourceTraining(
  { training }: CheckedExperiment,
  tasks: readonly string[],
  seed: number,
): TrainOptions {
  const {
    checkpoint: _,
    evaluateEvery: __,
    threads: ___,
    compareGradientsEvery: ____,
    ...rest
  } = forTasks(training, tasks);
  return given({ ...buildStepping(rest), seed }) as TrainOptions;
}

/** For a target of a transfer, with its learning curve. */
export function buildTargetTraining(
  { training, points, evaluateExamples }: TransferData,
  target: string,
  seed: number,
): TrainOptions {
  const evaluateEvery = training.steps / points;
  const stepping = buildStepping(forTasks(training, [target]));
  return given({ ...stepping, evaluateEvery, evaluateExamples, seed, tasks: [target] }) as TrainOptions;
}

import { BanyanError } from '../error.ts';
import { type Network, outputsOf, passesOf } from '../network/index.ts';
import { type Schedule, warmupCosine } from '../optimise/index.ts';
import { runtimeIdentity } from '../runtime/index.ts';
import type { Json } from '../task/contract.ts';
import { checkTraining } from './check.ts';
import { batchSizes, type TrainOptions } from './options.ts';
import { type Acting, TrainingBatches } from './reading/batches.ts';
import { assertNoCheckpoints, restoreCheckpoint } from './state/checkpoints.ts';
import {
  abandonState,
  adoptState,
  defaultOptimizer,
  ensureSlots,
  forgetBalance,
  forgetFrozen,
  type TrainingState,
  trainingState,
} from './state/optimizer-state.ts';
import { takeSnapshot, weightsOfSnapshot } from './state/snapshots.ts';
import { makeAccumulators } from './step/accumulators.ts';
import { tasksOf, type UpdatePlan } from './step/plan.ts';
import { areRowsOf, freshBalancer, makeBalancing, makeWatching, needs, rowsFor } from './update/index.ts';
import { partFactors, trainedVariables } from './update/weighted.ts';

const CLIP = 1;

/** A training that may begin, or go on. */
export interface Preparation {
  readonly plan: UpdatePlan;
  readonly state: TrainingState;
  readonly schedule: Schedule;
  readonly batches: TrainingBatches;
  readonly names: readonly string[];
  readonly steps: number;
  /** Steps done before. */
  readonly step: number;
  /** Whether the evaluation after that step is still to be made. */
  readonly unevaluated: boolean;
  /** The checkpoint it goes on from. */
  readonly last: string | undefined;
  /** What must be the same for a resumed training to end with the same bits. */
  readonly settings: Readonly<Record<string, Json>>;
}

/** Checks what is to be trained, and puts it into the state in which it begins or, with `from`, goes on. */
export async function prepareTraining(
  network: Network,
  options: TrainOptions,
  from: string | undefined,
  signal: AbortSignal,
): Promise<Preparation> {
  network.assertAlive();
  const checked = await checkTraining(network, options, signal);
  if (from === undefined && options.checkpoint !== undefined) await assertNoCheckpoints(options.checkpoint.folder);
  const state = trainingState(network, options.optimizer, defaultOptimizer);
  try {
    const preparation = await prepareWith(state, network, options, from, signal, checked);
    adoptState(network, state);
    return preparation;
  } catch (error) {
    abandonState(network, state);
    throw error;
  }
}

async function prepareWith(
  state: TrainingState,
  network: Network,
  options: TrainOptions,
  from: string | undefined,
  signal: AbortSignal,
  { tasks, steps, balance: chosen }: Awaited<ReturnType<typeof checkTraining>>,
): Promise<Preparation> {
  const { batch, seed = 0, clip = CLIP, accumulate = 1, compile = 'auto', precision = 'float32' } = options;
  const schedule = options.schedule ?? warmupCosine({ warmup: Math.ceil(steps / 20) });
  const variables = trainedVariables(network, tasks);
  state.whole = true;
  forgetFrozen(state, network);
  ensureSlots(state, variables);

  if (chosen !== undefined) {
    const balance = JSON.stringify([chosen.method.name, chosen.options, chosen.on, tasks.map(({ name }) => name)]);
    // The same method for the same tasks and weights goes on with what it knows.
    const { averages } = state.balance ?? {};
    if (state.balance?.of !== balance || (averages !== undefined && !areRowsOf(averages, variables))) {
      forgetBalance(state);
      state.balance = {
        of: balance,
        balancer: freshBalancer(chosen, tasks.length),
        averages: needs(chosen, 'average') ? rowsFor(chosen, variables, tasksOf(passesOf(tasks))) : undefined,
      };
    }
  } else forgetBalance(state);

  const settings: Record<string, Json> = {
    ...(await runtimeIdentity()),
    tasks: tasks.map(({ name, definition: { weight, learningRate, source } }) => {
      // Another number of examples would be another order of them.
      const examples = Number.isFinite(source.counts.training) ? source.counts.training : 'endless';
      return { name, weight, learningRate, examples };
    }),
    steps,
    batch,
    accumulate,
    seed,
    clip,
    compile,
    precision,
    balance: state.balance?.of ?? null,
    optimizer: state.optimizer.config,
    schedule: schedule.config,
  };
  if (options.profile !== undefined && network.body.runner.modeOf(compile, 'train') === 'eager') {
    throw new BanyanError(
      'argument',
      `train: profile shows the graph of a step, and with compile: '${compile}' steps run operation by operation here. Leave it out, or set compile to 'graph'.`,
    );
  }
  const restored = from === undefined ? undefined : await restoreCheckpoint(from, network, state, settings);
  const { step = 0, unevaluated = false } = restored ?? {};
  const passes = passesOf(tasks);
  // The training may have ended meanwhile: the network stays until this has.
  const holding = async <T>(work: () => Promise<T>): Promise<T> => {
    network.hold();
    try {
      return await work();
    } finally {
      network.release();
    }
  };
  const acting: Acting = {
    predict: (task, inputs, { weights } = {}) => {
      const instead = weights === undefined ? undefined : weightsOfSnapshot(state.snapshots, network, weights);
      const options = { compile, ...(instead === undefined ? {} : { instead }) };
      return holding(() => outputsOf(network.body, network.body.task(task), inputs, options));
    },
    snapshot: (name, assertOpen) => holding(() => takeSnapshot(state, network, name, assertOpen)),
  };
  const keyOf = (source: unknown) => network.body.tasks.find(({ definition }) => definition.source === source)!.name;
  const sizes = batchSizes(batch, tasks);
  const perUpdate = chosen !== undefined && needs(chosen, 'second-batch') ? 2 : 1;
  const sizeOf = (source: unknown) => sizes.get(tasks.find(({ definition }) => definition.source === source)!.name)!;
  const mode = restored?.compile ?? compile;
  const compiled = network.body.runner.modeOf(mode, 'train') !== 'eager';
  const batches = new TrainingBatches(passes, {
    sizeOf,
    seed,
    from: state.reading,
    step,
    keyOf,
    acting,
    perUpdate,
    steps,
    signal,
    sourceTimeout: options.sourceTimeout,
    compiled,
  });
  const base: UpdatePlan = {
    network,
    passes,
    variables,
    factorOf: partFactors(tasks),
    clip,
    seed,
    compile: mode,
    precision,
    parts: accumulate,
  };
  const balancing = chosen && makeBalancing(chosen, base, { ...state.balance });
  const { compareGradientsEvery: every } = options;
  const watching = every === undefined ? undefined : makeWatching(every, balancing?.rows, variables, tasksOf(passes));
  // Last: whatever else there may be no memory for is refused before.
  const accumulators = balancing?.rows === undefined ? makeAccumulators(variables, accumulate) : undefined;
  const plan: UpdatePlan = { ...base, accumulators, balancing, watching };
  const names = tasks.map((task) => task.name);
  return { plan, state, schedule, batches, names, steps, step, unevaluated, last: restored?.path, settings };
}

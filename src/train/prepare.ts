import type { Team } from '../cluster/index.ts';
import { BanyanError } from '../error.ts';
import { type BuiltTask, type Internals, outputsOf, type Pass, passesOf } from '../network/index.ts';
import {
  constantSchedule,
  type Optimizer,
  type Schedule,
  type ScheduleFollower,
  warmupCosine,
} from '../optimise/index.ts';
import { type CompileMode, runtimeIdentity } from '../runtime/index.ts';
import type { Json } from '../task/contract.ts';
import { Averaging } from './averaging/averaging.ts';
import { beginAveraging } from './averaging/begin.ts';
import { type CheckedTraining, checkTraining } from './check.ts';
import { judgedTask, sampledTask } from './judged-task.ts';
import type { TrainOptions } from './options.ts';
import { ParameterRules } from './parameters/rules.ts';
import type { Acting } from './reading/acting.ts';
import { TrainingBatches } from './reading/batches.ts';
import { Draws } from './reading/draws.ts';
import { assertNoCheckpoints } from './state/checkpoint-folder.ts';
import type { Settings } from './state/record.ts';
import { newestWhole, type Origin, restoreCheckpoint } from './state/restore.ts';
import { ensureSlots } from './state/slots.ts';
import { takeSnapshot, weightsOfSnapshot } from './state/snapshots.ts';
import { abandonState, adoptState, forgetFrozen, type TrainingState, trainingState } from './state/training-state.ts';
import type { UpdatePlan } from './step/plan.ts';
import { StepPlans } from './step/plans.ts';
import { learningRates, trainedVariables, trainersOf } from './step/trained-variables.ts';
import { EarlyStopping } from './stopping/early-stopping.ts';
import { settingsOfRules } from './stopping/rules.ts';
import type { Consent } from './together/agree.ts';
import { assertAlike, shareState } from './together/begin.ts';
import { noSnapshots, warnOfNoOthers } from './together/check.ts';
import { PeriodicAveraging } from './together/periodic-averaging.ts';
import { chooseUpdates } from './update/choose.ts';
import { type ChosenBalance, needs } from './update/chosen-balance.ts';
import { ensureBalance } from './update/gradient-layout.ts';
import type { Updater } from './update/updater.ts';

/** A training that may begin, or go on. */
export interface Preparation {
  /** Which tasks take part in which step. */
  readonly draws: Draws;
  /** What that means for a step. */
  readonly plans: StepPlans;
  readonly updater: Updater;
  readonly averaging: Averaging;
  readonly state: TrainingState;
  readonly schedule: Schedule;
  /** What makes the schedule follow the evaluations, where it does. */
  readonly follower: ScheduleFollower | undefined;
  readonly batches: TrainingBatches;
  /** Sees each evaluation; absent where there are none. */
  readonly stopping: EarlyStopping | undefined;
  /** The tasks' names, in their order. */
  readonly names: readonly string[];
  readonly steps: number;
  /** Steps done before. */
  readonly step: number;
  /** Whether the evaluation after that step is still to be made. */
  readonly unevaluated: boolean;
  /** The checkpoint it goes on from. */
  readonly last: string | undefined;
  /** What must be the same for a resumed training to end with the same bits. */
  readonly settings: Settings;
  /** Those that train together; absent where this process trains alone. */
  readonly team: Team | undefined;
  /** Makes their weights one now and then, where each updates its own. */
  readonly periodic: PeriodicAveraging | undefined;
}

/** The options that decide bits, with their defaults. */
type Choices = Required<Pick<TrainOptions, 'seed' | 'clip' | 'accumulate' | 'compile' | 'precision' | 'schedule'>>;

/** Checks what is to be trained, and puts it into the state in which it begins or, with `from`, goes on. */
export async function prepareTraining(
  network: Internals,
  options: TrainOptions,
  from: Origin | undefined,
  signal: AbortSignal,
  consent?: Consent,
): Promise<Preparation> {
  network.lease.assertLive();
  const { body } = network;
  if (consent !== undefined) await body.runner.moveTo(consent.team.context);
  const checked = await checkTraining(network, options, signal);
  if (from === undefined && options.checkpoint !== undefined && consent?.team.isChief !== false)
    await assertNoCheckpoints(options.checkpoint.folder);
  const trained = trainedVariables(body, checked.tasks);
  const rules = new ParameterRules(options.parameters ?? [], trained, body.columns.length - 1);
  const state = trainingState(body, options.optimizer);
  forgetFrozen(state, body);
  const begun = await beginAveraging(body, state, options.average, rules.trained, options.compile ?? 'auto');
  try {
    const preparation = await prepareState(network, options, from, signal, checked, state, rules, consent);
    adoptState(body, state);
    begun.settle();
    return preparation;
  } catch (error) {
    await begun.undo();
    abandonState(body, state);
    throw error;
  }
}

async function prepareState(
  network: Internals,
  options: TrainOptions,
  from: Origin | undefined,
  signal: AbortSignal,
  checked: CheckedTraining,
  state: TrainingState,
  rules: ParameterRules,
  consent: Consent | undefined,
): Promise<Preparation> {
  const { body } = network;
  const { tasks, steps, balance } = checked;
  const choices = withDefaults(options, steps, state.optimizer, consent?.team);
  const variables = rules.trained;
  state.whole = true;
  ensureSlots(state, variables);
  ensureBalance(state, balance, variables, tasks);
  const team = consent?.team;
  if (team === undefined) warnOfNoOthers(options);
  const every = team && options.synchronizeEvery;
  const settings: Settings = {
    ...(await settingsOf(checked, options, choices, state)),
    ...settingsOfRules(options),
    ...(team === undefined
      ? {}
      : {
          workers: team.size,
          ...(options.exchange === 'bfloat16' && { exchange: options.exchange }),
          ...(every !== undefined && { synchronizeEvery: every }),
        }),
  };
  if (team !== undefined) await assertAlike(team, network, settings);
  if (options.profile !== undefined && body.runner.modeOf(choices.compile, 'train') === 'eager')
    throw noGraph(choices.compile);
  const checkpoint =
    team !== undefined
      ? await shareState(team, network, state, from?.folder)
      : from === undefined
        ? undefined
        : (await newestWhole(from.folder)).checkpoint;
  const how = { worker: team?.index, changed: from?.changed, resize: options.resize };
  const restored = checkpoint && (await restoreCheckpoint(checkpoint, network, state, settings, how));
  const { step = 0, unevaluated = false, compile = choices.compile } = restored ?? {};
  const follower = choices.schedule.follow?.(tasks.map(judgedTask));
  if (restored?.schedule !== undefined) follower?.restore(restored.schedule);
  const { factorOf, placeOf } = learningRates(tasks);
  const plan: UpdatePlan = {
    body,
    tasks,
    passes: passesOf(tasks).map((pass) => ({ ...pass, still: rules.stillIn(0) })),
    variables,
    phase: 0,
    trainedBy: trainersOf(variables, tasks),
    placeOf,
    factorOf: (variable) => factorOf(variable.scope) * rules.factorOf(variable),
    clip: choices.clip,
    seed: choices.seed,
    compile,
    precision: choices.precision,
    microBatches: choices.accumulate,
    team: every === undefined ? team : undefined,
    share: { index: team?.index ?? 0, count: team?.size ?? 1 },
    exchange: options.exchange ?? 'float32',
  };
  const plans = new StepPlans(plan, rules);
  const draws = new Draws({ tasks: tasks.map(sampledTask), steps }, options.sampler, {
    seed: choices.seed,
    step,
    from: restored?.draws,
  });
  const nameOf = (tasks: readonly BuiltTask[], source: unknown) =>
    tasks.find(({ definition }) => definition.source === source)!.name;
  const batches = new TrainingBatches(
    plan.passes.map(({ source }) => source),
    {
      sizeOf: (source) => checked.sizes.get(nameOf(tasks, source))!,
      keyOf: (source) => nameOf(body.tasks, source),
      seed: choices.seed,
      from: state.reading,
      step,
      steps,
      acting: actingOn(network, state, choices.compile, every !== undefined),
      perUpdate: batchesPerUpdate(balance),
      compiled: body.runner.modeOf(compile, 'train') !== 'eager',
      signal,
      sourceTimeout: options.sourceTimeout,
      share: plan.share,
      agree: every === undefined ? consent && ((batch) => consent.on(batch)) : undefined,
      drawnFor: (step) => plans.of(draws.drawnFor(step), step).passes,
    },
  );
  const updater = chooseUpdates(plan, state, balance, options.compareGradientsEvery);
  const sizeOf = ({ source }: Pass) => checked.sizes.get(nameOf(tasks, source))!;
  const passesAfter = (step: number) => plan.passes.map((pass) => ({ ...pass, still: rules.stillUntil(step) }));
  const averaging = new Averaging({ body, passesAfter, sizeOf, seed: choices.seed }, state, compile);
  const names = tasks.map(({ name }) => name);
  const { schedule } = choices;
  const stopping = checked.rules && new EarlyStopping(body, checked.rules, restored?.stopping);
  if (stopping !== undefined) draws.active = new Set(stopping.running);
  const last = restored?.path;
  const periodic = every === undefined ? undefined : new PeriodicAveraging(plan, team!, state, { every, steps });
  return {
    draws,
    plans,
    updater,
    averaging,
    state,
    schedule,
    follower,
    batches,
    stopping,
    names,
    steps,
    step,
    unevaluated,
    last,
    settings,
    team,
    periodic,
  };
}

const withDefaults = (
  options: TrainOptions,
  steps: number,
  { constantRate = false }: Optimizer,
  team: Team | undefined,
): Choices => ({
  seed: options.seed ?? 0,
  clip: options.clip ?? 1,
  accumulate: options.accumulate ?? 1,
  // Step by step nothing could be exchanged.
  compile: team === undefined ? (options.compile ?? 'auto') : 'graph',
  precision: options.precision ?? 'float32',
  schedule: options.schedule ?? (constantRate ? constantSchedule() : warmupCosine({ warmup: Math.ceil(steps / 20) })),
});

const batchesPerUpdate = (balance: ChosenBalance | undefined): number =>
  balance !== undefined && needs(balance, 'second-batch') ? 2 : 1;

async function settingsOf(
  { tasks, steps }: CheckedTraining,
  { batch, parameters, sampler }: Pick<TrainOptions, 'batch' | 'parameters' | 'sampler'>,
  { schedule, ...choices }: Choices,
  { optimizer, balance, average }: TrainingState,
): Promise<Settings> {
  const described = tasks.map(({ name, definition: { weight, learningRate, source } }) => {
    // Another number of examples would be another order of them.
    const examples = Number.isFinite(source.counts.training) ? source.counts.training : 'endless';
    return { name, weight, learningRate, examples };
  });
  return {
    ...(await runtimeIdentity()),
    ...choices,
    tasks: described,
    steps,
    batch,
    balance: balance?.key ?? null,
    optimizer: optimizer.config,
    schedule: schedule.config,
    sampler: sampler?.config ?? null,
    parameters: (parameters ?? null) as Json,
    ...(average === undefined ? {} : { average: average.average.config }),
  };
}

/**
 * What sources may do with the network. The training may have ended meanwhile: the network stays until they have. `apart`: other workers
 * have other weights.
 */
function actingOn(network: Internals, state: TrainingState, compile: CompileMode, apart: boolean): Acting {
  const { body } = network;
  const holding = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = network.lease.retain();
    try {
      return await work();
    } finally {
      release();
    }
  };
  return {
    predict: (task, inputs, { weights } = {}) => {
      const instead = weights === undefined ? undefined : weightsOfSnapshot(state.snapshots, body, weights);
      const options = { compile, ...(instead === undefined ? {} : { instead }) };
      return holding(() => outputsOf(body, body.task(task), inputs, options));
    },
    snapshot: (name, assertOpen) => {
      if (apart) throw noSnapshots(name);
      return holding(() => takeSnapshot(state, body, name, assertOpen));
    },
  };
}

const noGraph = (compile: CompileMode) =>
  new BanyanError(
    'argument',
    `train: profile shows the graph of a step, and with compile: '${compile}' steps run operation by operation here. Leave it out, or set compile to 'graph'.`,
  );

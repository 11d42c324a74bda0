import { setImmediate } from 'node:timers/promises';
import { type ExclusiveUse, type Internals, untilAborted } from '../network/index.ts';
import { isHalfDone } from '../runtime/index.ts';
import { blaming } from '../task/blame.ts';
import { measureTraining } from './evaluating.ts';
import type { Metrics, StepEvent, TrainingEvent } from './events.ts';
import { FirstBatches } from './first-batches.ts';
import { type GraphCost, graphCost } from './graph-cost.ts';
import type { TrainOptions } from './options.ts';
import type { Preparation } from './prepare.ts';
import { writeProfile } from './profile.ts';
import { isFiniteRate, LearningRates } from './rates.ts';
import { Prefetcher, type PreparedUpdate } from './reading/prefetch.ts';
import { type Agreed, narrow, type StepBatch } from './reading/step-batch.ts';
import { writeCheckpoint } from './state/checkpoints.ts';
import { Keeper } from './state/keeper.ts';
import { settleSnapshots, undoSnapshots } from './state/snapshots.ts';
import type { LearningRate } from './step/inputs.ts';
import type { UpdatePlan } from './step/plan.ts';
import type { Consent } from './together/agree.ts';
import { assertSameWeights } from './together/same-weights.ts';
import { gatherShapes, gatherStates, haveStates } from './together/source-states.ts';

/** The step that is profiled, counted from the first: by then caches are warm. */
const PROFILED = 10;

/** What a training loop works with. */
export interface LoopContext {
  readonly network: Internals;
  readonly options: TrainOptions;
  readonly prepared: Preparation;
  readonly emit: (event: TrainingEvent) => void;
  /** The training's use of the network; left: nobody listens any more. */
  readonly use: Pick<ExclusiveUse, 'left'>;
  /** Aborted when the training is to end early. */
  readonly signal: AbortSignal;
  /** Those who train on other shares of each batch, and who asks this worker for the end. */
  readonly together?: { readonly consent: Consent; readonly asked: AbortSignal };
  /** Whether a program asks for each step: what the next one is like is not known before. */
  readonly byHand?: boolean;
}

type Tell = (event: TrainingEvent) => void;

/** The training from where a preparation stands to its end: read, update, tell, evaluate, save. */
export class TrainingLoop {
  readonly #context: LoopContext;
  readonly #keeper: Keeper;
  readonly #rates: LearningRates;
  /** Prepares each update while the device works on the one before. */
  readonly #prefetcher: Prefetcher;
  readonly #firstBatches: FirstBatches;
  readonly #cost: GraphCost;
  /** Steps done. */
  #step: number;
  /** Whether the evaluation after the last step is still to be made. */
  #unevaluated: boolean;
  #stopped = false;
  /** When the step before, and what was due after it, was done. */
  #since = 0;

  constructor(context: LoopContext) {
    const { options, prepared } = context;
    this.#context = context;
    this.#keeper = new Keeper(options.checkpoint, prepared.step, prepared.last);
    this.#rates = new LearningRates(prepared);
    this.#firstBatches = new FirstBatches(context.network.body);
    this.#prefetcher = new Prefetcher((step) => this.#prepareUpdate(step));
    this.#cost = graphCost(prepared);
    this.#step = prepared.step;
    this.#unevaluated = prepared.unevaluated;
    const { together } = context;
    together?.consent.listenTo(() => ({
      ends: this.#stopped || together.asked.aborted,
      saves: this.#keeper.lacks(this.#step) && this.#keeper.isDue(this.#step),
    }));
  }

  /** Trains to the end. However that comes, what the last whole update left is saved before. */
  async run(): Promise<void> {
    let failed: { readonly error: unknown } | undefined;
    try {
      await this.begin();
      // Whoever else lives in this process gets a turn.
      while ((await this.step()) !== undefined) await setImmediate();
    } catch (error) {
      failed = { error };
    }
    await this.end(failed);
  }

  /** Tells that it begins, and makes up for an evaluation that was ended early. */
  async begin(): Promise<void> {
    const { steps, names } = this.#context.prepared;
    this.#tell({ kind: 'start', step: this.#step, steps, tasks: names });
    if (this.#unevaluated && !this.#over) await this.evaluate();
    this.#decideDraws();
    this.#cost.tellBefore();
    this.#since = performance.now();
  }

  /**
   * Makes one step, at a learning rate in place of the schedule's where one is given, tells of it, and does what is due after it.
   * Returns its event; undefined where the training is over.
   */
  async step(learningRate?: number): Promise<StepEvent | undefined> {
    const { prepared, byHand = false } = this.#context;
    if (this.#step >= prepared.steps || this.#over) return undefined;
    const begin = byHand ? performance.now() : this.#since;
    const taken = await this.#takeStep(learningRate);
    if (taken === undefined) return undefined;
    const event = { ...taken.event, milliseconds: performance.now() - begin };
    this.#tell(event);
    if (event.step === prepared.step + 1) this.#cost.tellAfter(event.milliseconds);
    await this.#doWhatIsDue(taken.plan, taken.batch, taken.learningRate);
    this.#since = performance.now();
    return event;
  }

  /** Ends the training, after a failure where one is given, and saves what the last whole update left. @throws the failure. */
  async end(failed?: { readonly error: unknown }): Promise<void> {
    const { prepared, signal } = this.#context;
    // What was waited for when it was to end is no failure.
    const { together } = this.#context;
    const own = signal.aborted && failed?.error === signal.reason ? undefined : failed;
    const failure = own && together ? { error: together.consent.team.fail(own.error) } : own;
    this.#prefetcher.close();
    await prepared.batches.close(failure === undefined && !signal.aborted);
    prepared.updater.dispose();
    prepared.periodic?.dispose();
    await this.#end(failure);
  }

  /** Writes a checkpoint of the training as it is. Returns its folder; undefined where there is none, of which there was a warning. */
  async save(): Promise<string | undefined> {
    await this.#save(this.#tell);
    return this.#keeper.pathOf(this.#step);
  }

  /** The steps that were made. */
  get steps(): number {
    return this.#step;
  }

  /** Reads a batch and updates by it; undefined where the training is over before. `batch`: the last one that was read. */
  async #takeStep(
    rate: number | undefined,
  ): Promise<
    | { event: Omit<StepEvent, 'milliseconds'>; plan: UpdatePlan; batch: StepBatch; learningRate: LearningRate }
    | undefined
  > {
    const { prepared: training } = this.#context;
    const { draws, plans, updater, averaging, periodic, state, batches, steps, names } = training;
    const step = this.#step + 1;
    let last = await batches.next();
    const agreed = periodic === undefined ? last.agreed : await this.#agree();
    if (agreed?.saves) await this.#save(this.#tell);
    if (this.#over) return undefined;
    const drawn = draws.takingPart(step);
    const plan = plans.of(drawn, step);
    const batch = narrow(last, plan.passes);
    await this.#firstBatches.check(plan.passes, batch);
    const nextBatch = async () => {
      last = await batches.next();
      return narrow(last, plan.passes);
    };
    const learningRate = rate ?? this.#rates.at(step);
    this.#rates.assertFinite(learningRate, step);
    const prepared = this.#prefetcher.take(step, plan);
    const updating = updater
      .update(step, { plan, batch, learningRate, nextBatch, prepared, measureAgain: draws.measuresAgain })
      .catch((error: unknown) => {
        if (periodic === undefined) throw error;
        return periodic.fail(error);
      });
    if (!this.#context.byHand) this.#prefetcher.begin(step + 1);
    const { lossesAfter, ...result } = await updating.finally(() => prepared?.dispose()); // It may have failed before.
    await averaging.take(step, plans.whole.tasks, draws.active);
    periodic?.add(plan, result);
    const told = periodic?.isDue(step) ? await periodic.average(step) : result;
    this.#step = step;
    draws.observeStep(step, result.losses, lossesAfter);
    state.reading = last.after;
    settleSnapshots(state.replaced);
    // Where each updates by itself, all have to hear the same.
    if (periodic === undefined || periodic.isDue(step)) training.stopping?.addStep(told);
    this.#unevaluated = this.#isEvaluated(step);
    const part = drawn.length === names.length ? {} : { drawn };
    const event = { kind: 'step', step, steps, ...part, ...result, ...this.#rates.told(learningRate) } as const;
    return { event, plan, batch: narrow(last, plan.passes), learningRate };
  }

  /** Agrees with the others on what to do before the next step, where all have the same weights; between nothing is agreed on. */
  async #agree(): Promise<Agreed | undefined> {
    const { together, prepared } = this.#context;
    const isMet = this.#step === prepared.step || prepared.periodic!.isDue(this.#step);
    return isMet ? together!.consent.toGoOn() : undefined;
  }

  /** After a step: profiles, evaluates and saves where it is time for it, and lets others have a look at the network. */
  async #doWhatIsDue(plan: UpdatePlan, batch: StepBatch, learningRate: LearningRate): Promise<void> {
    const { network, options, prepared, signal, together } = this.#context;
    const { batches, updater, averaging, steps } = prepared;
    const isProfiled = this.#step === Math.min(prepared.step + PROFILED, steps) && !this.#over;
    if (options.profile !== undefined && isProfiled)
      await writeProfile(options.profile, () => updater.profile(plan, batch, learningRate));
    if (this.#unevaluated && !signal.aborted) await this.evaluate();
    this.#decideDraws();
    // Together, all learn with the next batch whether it is.
    if (together === undefined && this.#keeper.isDue(this.#step)) await this.#save(this.#tell);
    if (network.lease.awaited)
      await batches.pause(() => averaging.use(this.#step, () => untilAborted(network.lease.turn(), signal)));
  }

  /** Draws a further step, once all is known that it may follow from. */
  #decideDraws(): void {
    if (!this.#unevaluated) this.#context.prepared.draws.decide(this.#step);
  }

  /** Measures the tasks on their validation splits. */
  async evaluate(): Promise<Metrics> {
    const { metrics, events } = await measureTraining(this.#context, this.#step);
    this.#unevaluated = false;
    for (const event of events) this.#tell(event);
    return metrics;
  }

  /** Writes a checkpoint, where there are any. `ended`: no more updates follow. */
  async #save(tell: Tell, ended = false): Promise<void> {
    const { network, prepared } = this.#context;
    const { plans, draws, state, follower, stopping } = prepared;
    const team = this.#context.together?.consent.team;
    if (team !== undefined) await assertSameWeights(team, network, this.#step);
    const others = {
      ...(team && haveStates(plans.whole.tasks) && { others: await gatherStates(team, state.reading.sources) }),
      ...(team && prepared.periodic && (await gatherShapes(team, state.reading.shapes))),
    };
    if (this.#unwanted || team?.isChief === false) return;
    const { body, compile } = plans.whole;
    const { runner } = body;
    const step = this.#step;
    const record = {
      step,
      settings: { ...prepared.settings, compile: runner.modeOf(compile, 'train') },
      ...(this.#unevaluated ? { unevaluated: true as const } : {}),
      ...(follower === undefined ? {} : { schedule: follower.state() }),
      ...(draws.state === undefined ? {} : { draws: draws.state }),
    };
    const event = await this.#keeper.save(step, ended, (folder) =>
      runner.exclusive(() => writeCheckpoint(folder, network, state, record, stopping?.saved, others)),
    );
    if (event !== undefined) tell(event);
  }

  async #end(failure: { readonly error: unknown } | undefined): Promise<void> {
    const { network, prepared, emit, together } = this.#context;
    const { state, steps } = prepared;
    undoSnapshots(state);
    const whole = state.whole && !isHalfDone(failure?.error);
    if (this.#step > prepared.step && whole && !this.#unwanted) await network.frozen.verify();
    const unsaved = this.#keeper.lacks(this.#step);
    if (failure !== undefined) {
      if (unsaved && whole && together === undefined) await this.#save(emit, true);
      // What failed first is told.
      if (whole) await this.#keepAveraged().catch(() => false);
      throw this.#keeper.withCheckpoint(failure.error);
    }
    const saves =
      together === undefined ? unsaved : await together.consent.atEnd(unsaved && this.#keeper.saves && !this.#unwanted);
    if (saves) await this.#save(this.#tell, true);
    const keeps = await this.#keepAveraged();
    // After the checkpoint: a resumed training goes on from the last weights.
    const best = this.#unwanted ? undefined : await prepared.stopping?.restoreBest();
    if (best !== undefined) prepared.averaging.replaced();
    const averaged = keeps && prepared.averaging.averages(best ?? this.#step);
    const early = prepared.stopping?.over ? 'patience' : 'stopped';
    const reason = this.#step === steps && !this.#unevaluated ? 'steps' : early;
    this.#tell({
      kind: 'end',
      step: this.#step,
      reason,
      ...(best === undefined ? {} : { best }),
      ...(averaged ? { averaged } : {}),
    });
  }

  /** Leaves the weights to use in the network. @returns whether they are others than those that were trained. */
  async #keepAveraged(): Promise<boolean> {
    return !this.#unwanted && (await this.#context.prepared.averaging.keep(this.#step));
  }

  /** Tells an event, and hears whether it is the last. */
  readonly #tell: Tell = (event) => {
    const { emit, options } = this.#context;
    emit(event);
    const { stop } = options;
    if (typeof stop !== 'function') return;
    const what = `train: stop() of the event "${event.kind}" of step ${this.#step}`;
    if (blaming(what, 'true or false', () => stop(event))) this.#stopped = true;
  };

  #prepareUpdate(step: number): PreparedUpdate | undefined {
    const { batches, draws, plans, updater, steps, follower } = this.#context.prepared;
    const batch = batches.upcoming;
    if (batch === undefined || step > steps) return undefined;
    // The rate depends on an evaluation that is still to come.
    if (follower !== undefined && this.#isEvaluated(step - 1)) return undefined;
    const learningRate = this.#rates.at(step);
    // What is wrong with it is told in its turn.
    if (!isFiniteRate(learningRate)) return undefined;
    const plan = plans.of(draws.takingPart(step), step);
    const prepared = updater.prepare(plan, narrow(batch, plan.passes), learningRate);
    return prepared && { plan, prepared };
  }

  #isEvaluated(step: number): boolean {
    const { evaluateEvery } = this.#context.options;
    return evaluateEvery !== undefined && step % evaluateEvery === 0;
  }

  get #over(): boolean {
    const { prepared, signal, together } = this.#context;
    const stopped = this.#stopped && together === undefined;
    return stopped || signal.aborted || prepared.stopping?.over === true;
  }

  /** Who disposes of a network that is trained wants no more of it. */
  get #unwanted(): boolean {
    return this.#context.network.lease.disposed && !this.#context.use.left;
  }
}

import { setImmediate } from 'node:timers/promises';
import { BanyanError } from '../error.ts';
import { type ExclusiveUse, type Internals, measure, untilAborted } from '../network/index.ts';
import { isHalfDone, type Prepared } from '../runtime/index.ts';
import { blaming } from '../task/blame.ts';
import { checkFirstBatch } from './check.ts';
import type { StepEvent, TrainingEvent } from './events.ts';
import type { TrainOptions } from './options.ts';
import type { Preparation } from './prepare.ts';
import { writeProfile } from './profile.ts';
import { Prefetcher } from './reading/prefetch.ts';
import type { StepBatch } from './reading/step-reader.ts';
import { writeCheckpoint } from './state/checkpoints.ts';
import { Saving } from './state/saving.ts';
import { settleSnapshots, undoSnapshots } from './state/snapshots.ts';
import type { LearningRate } from './step/inputs.ts';

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
}

type Tell = (event: TrainingEvent) => void;

/** The training from where a preparation stands to its end: read, update, tell, evaluate, save. */
export class TrainingLoop {
  readonly #context: LoopContext;
  readonly #saving: Saving | undefined;
  /** Prepares each update while the device works on the one before. */
  readonly #prefetcher: Prefetcher;
  /** Updates that the optimiser made in earlier trainings. */
  readonly #earlier: number;
  /** Steps done. */
  #step: number;
  /** The step whose state is saved. */
  #saved: number;
  /** The last checkpoint. */
  #last: string | undefined;
  /** Whether the evaluation after the last step is still to be made. */
  #unevaluated: boolean;
  #stopped = false;

  constructor(context: LoopContext) {
    const { options, prepared } = context;
    this.#context = context;
    this.#saving = options.checkpoint && new Saving(options.checkpoint);
    this.#prefetcher = new Prefetcher((step) => this.#prepareUpdate(step));
    this.#earlier = prepared.state.updates - prepared.step;
    this.#step = prepared.step;
    this.#saved = prepared.step;
    this.#last = prepared.last;
    this.#unevaluated = prepared.unevaluated;
  }

  /** Trains to the end. However that comes, what the last whole update left is saved before. */
  async run(): Promise<void> {
    const { prepared, signal } = this.#context;
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#train();
    } catch (error) {
      // What was waited for when it was to end is no failure.
      if (!(signal.aborted && error === signal.reason)) failure = { error };
    } finally {
      this.#prefetcher.close();
      await prepared.batches.close(failure === undefined && !signal.aborted);
      prepared.updater.dispose();
    }
    await this.#end(failure);
  }

  async #train(): Promise<void> {
    const { steps, names } = this.#context.prepared;
    this.#tell({ kind: 'start', step: this.#step, steps, tasks: names });
    if (this.#unevaluated && !this.#over) await this.#evaluate();
    let begin = performance.now();
    while (this.#step < steps && !this.#over) {
      const taken = await this.#takeStep();
      if (taken === undefined) break;
      const { event, batch, learningRate } = taken;
      this.#tell({ ...event, milliseconds: performance.now() - begin });
      await this.#doWhatIsDue(batch, learningRate);
      begin = performance.now();
      // Whoever else lives in this process gets a turn.
      await setImmediate();
    }
  }

  /** Reads a batch and updates by it; undefined where the training is over before. `batch`: the last one that was read. */
  async #takeStep(): Promise<
    { event: Omit<StepEvent, 'milliseconds'>; batch: StepBatch; learningRate: LearningRate } | undefined
  > {
    const { prepared: training } = this.#context;
    const { plan, updater, state, batches, steps } = training;
    let last = await batches.next();
    if (this.#over) return undefined;
    if (this.#step === training.step) await checkFirstBatch(plan.body, plan.passes, last);
    const batch = last;
    const nextBatch = async () => {
      last = await batches.next();
      return last;
    };
    const step = this.#step + 1;
    const learningRate = this.#learningRate(step);
    if (!allFinite(learningRate)) throw noRate(learningRate, training.schedule.kind, step);
    const prepared = this.#prefetcher.take(step);
    const updating = updater.update(step, { batch, learningRate, nextBatch, prepared });
    this.#prefetcher.begin(step + 1);
    const result = await updating.finally(() => prepared?.dispose()); // It may have failed before.
    this.#step = step;
    state.reading = last.after;
    settleSnapshots(state.replaced);
    this.#unevaluated = this.#isEvaluated(step);
    return { event: { kind: 'step', step, steps, ...result, ...this.#told(learningRate) }, batch: last, learningRate };
  }

  /** After a step: profiles, evaluates and saves where it is time for it, and lets others have a look at the network. */
  async #doWhatIsDue(batch: StepBatch, learningRate: LearningRate): Promise<void> {
    const { network, options, prepared, signal } = this.#context;
    const { batches, updater, steps } = prepared;
    const isProfiled = this.#step === Math.min(prepared.step + PROFILED, steps) && !this.#over;
    if (options.profile !== undefined && isProfiled)
      await writeProfile(options.profile, () => updater.profile(batch, learningRate));
    if (this.#unevaluated && !signal.aborted) await this.#evaluate();
    if (this.#saving?.isDue(this.#step)) await this.#save(this.#tell);
    if (network.lease.awaited) await batches.pause(() => untilAborted(network.lease.turn(), signal));
  }

  async #evaluate(): Promise<void> {
    const { network, options, prepared, signal } = this.#context;
    const { evaluateExamples, compile, sourceTimeout } = options;
    const begin = performance.now();
    const metrics = await prepared.batches.pause(() =>
      measure(network.body, {
        tasks: prepared.names,
        split: 'validation',
        examples: evaluateExamples,
        compile,
        signal,
        sourceTimeout,
      }),
    );
    this.#unevaluated = false;
    prepared.follower?.observe(metrics);
    this.#tell({ kind: 'evaluation', step: this.#step, metrics, milliseconds: performance.now() - begin });
  }

  /** Writes a checkpoint, where there are any. `ended`: no more updates follow. */
  async #save(tell: Tell, ended = false): Promise<void> {
    const { network, prepared } = this.#context;
    const saving = this.#saving;
    if (saving === undefined || this.#unwanted) return;
    const { plan, state } = prepared;
    const { runner } = plan.body;
    const step = this.#step;
    const settings = { ...prepared.settings, compile: runner.modeOf(plan.compile, 'train') };
    const { follower } = prepared;
    const record = {
      step,
      settings,
      ...(this.#unevaluated ? { unevaluated: true as const } : {}),
      ...(follower === undefined ? {} : { schedule: follower.state() }),
    };
    const work = () => runner.exclusive(() => writeCheckpoint(saving.folder, network, state, record));
    const path = await saving.write(step, this.#last, ended, work);
    if (path === undefined) return;
    this.#saved = step;
    this.#last = path;
    tell({ kind: 'checkpoint', step, path });
  }

  async #end(failure: { readonly error: unknown } | undefined): Promise<void> {
    const { network, prepared, emit } = this.#context;
    const { state, steps } = prepared;
    undoSnapshots(state);
    const whole = state.whole && !isHalfDone(failure?.error);
    if (this.#step > prepared.step && whole && !this.#unwanted) await network.frozen.verify();
    const unsaved = this.#step > this.#saved;
    if (failure !== undefined) {
      if (unsaved && whole) await this.#save(emit, true);
      const isTold = this.#saving !== undefined || this.#last !== undefined;
      throw isTold ? withCheckpoint(failure.error, this.#last) : failure.error;
    }
    if (unsaved) await this.#save(this.#tell, true);
    const reason = this.#step === steps && !this.#unevaluated ? 'steps' : 'stopped';
    this.#tell({ kind: 'end', step: this.#step, reason });
  }

  /** Tells an event, and hears whether it is the last. */
  readonly #tell: Tell = (event) => {
    const { emit, options } = this.#context;
    emit(event);
    const { stop } = options;
    if (stop === undefined) return;
    const what = `train: stop() of the event "${event.kind}" of step ${this.#step}`;
    if (blaming(what, 'true or false', () => stop(event))) this.#stopped = true;
  };

  #prepareUpdate(step: number): Prepared | undefined {
    const { batches, updater, steps, follower } = this.#context.prepared;
    const batch = batches.upcoming;
    if (batch === undefined || step > steps) return undefined;
    // The rate depends on an evaluation that is still to come.
    if (follower !== undefined && this.#isEvaluated(step - 1)) return undefined;
    const learningRate = this.#learningRate(step);
    // What is wrong with it is told in its turn.
    return allFinite(learningRate) ? updater.prepare(batch, learningRate, this.#earlier + step) : undefined;
  }

  #learningRate(step: number): LearningRate {
    const { state, schedule, follower, steps } = this.#context.prepared;
    const rate = state.optimizer.learningRate * schedule.factor(step - 1, steps);
    if (follower === undefined) return rate;
    const trunk = rate * follower.trunk;
    return follower.tasks === undefined ? trunk : [trunk, ...follower.tasks.map((factor) => rate * factor)];
  }

  /** What an event tells of a learning rate. */
  #told(rate: LearningRate): Pick<StepEvent, 'learningRate' | 'learningRates'> {
    if (typeof rate === 'number') return { learningRate: rate };
    const [trunk, ...tasks] = rate;
    const { names } = this.#context.prepared;
    return { learningRate: trunk!, learningRates: Object.fromEntries(names.map((name, k) => [name, tasks[k]!])) };
  }

  #isEvaluated(step: number): boolean {
    const { evaluateEvery } = this.#context.options;
    return evaluateEvery !== undefined && step % evaluateEvery === 0;
  }

  get #over(): boolean {
    return this.#stopped || this.#context.signal.aborted;
  }

  /** Who disposes of a network that is trained wants no more of it. */
  get #unwanted(): boolean {
    return this.#context.network.lease.disposed && !this.#context.use.left;
  }
}

const allFinite = (rate: LearningRate) => [rate].flat().every(Number.isFinite);

const noRate = (learningRate: LearningRate, schedule: string, step: number) =>
  new BanyanError(
    'argument',
    `The schedule "${schedule}" makes the learning rate of step ${step} ${learningRate}, expected a finite number. Let its factor() give one.`,
  );

/** Says of what ended a training where it can go on. */
function withCheckpoint(error: unknown, last: string | undefined): unknown {
  const where = last === undefined ? 'No checkpoint was written.' : `The last checkpoint is ${last}.`;
  if (error instanceof BanyanError) return new BanyanError(error.code, `${error.message} ${where}`, { cause: error });
  // It stays what it is, for whoever looks for its kind.
  if (error instanceof Error) error.message += ` ${where}`;
  return error;
}

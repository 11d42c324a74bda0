import { check, finite } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { type AnyNetwork, type ExclusiveUse, type Internals, internals } from '../../network/index.ts';
import { constantSchedule, type Schedule } from '../../optimise/index.ts';
import type { Metrics, StepEvent } from '../events.ts';
import type { StepOptions, TrainOptions } from '../options.ts';
import { narrow } from '../reading/step-batch.ts';
import { type OpenTraining, openTraining } from '../train.ts';
import { type BatchGradients, batchGradients } from './batch-gradients.ts';

/** A number of steps that is beyond usual warm-ups. */
const PROBED = 2 ** 20;

/** What decides how a step is made, as for `train`; when there is one, and what follows it, is the program's. */
export interface StepperOptions extends StepOptions, Pick<TrainOptions, 'evaluateExamples' | 'steps'> {
  /** The factor of the learning rate, which depends on the step alone and, where it falls over all of them, on `steps`. Default: constant. */
  readonly schedule?: TrainOptions['schedule'];
  /** The folder that `save` writes checkpoints into. Default: none. */
  readonly checkpoints?: string;
  /** Whether it goes on from the newest checkpoint in that folder. Default false. */
  readonly resume?: boolean;
}

/** A training whose steps a program asks for, one by one. One thing is done at a time, in the order in which it is asked for. */
export interface Stepper {
  /** The number of steps that were made, those before a resume counted. */
  readonly steps: number;
  /**
   * Reads a batch and makes an update. `learningRate`: in place of the optimiser's times the schedule's.
   * @throws BanyanError as `train`, such as `diverged`; `argument` once all `steps` are made. After a failure it can only be closed.
   */
  step(options?: { readonly learningRate?: number }): Promise<StepEvent>;
  /**
   * Computes losses, and each task's gradients, of the batch that the next step takes, at the weights as they are. Nothing changes: the
   * step is made as if this had not been asked for. It keeps a copy of the weights for each task while it works. Draws, as for dropout,
   * may be others than those of the step.
   */
  gradients(): Promise<BatchGradients>;
  /** Measures the tasks on their validation splits. */
  evaluate(): Promise<Metrics>;
  /** Writes a checkpoint, and returns its folder. @throws BanyanError `argument` without a folder, `checkpoint` where it cannot be written. */
  save(): Promise<string>;
  /** Ends the training, after what was asked for before; where there is a folder, what is not saved yet is. The network is free again. */
  close(): Promise<void>;
}

/**
 * Begins a training whose steps a program asks for, for loops of one's own. Until it is closed the network is in use as by `train`.
 * @throws BanyanError as `train`; `argument` for a schedule that follows evaluations, and without `steps` for what depends on their number.
 */
export async function stepper(network: AnyNetwork, options: StepperOptions): Promise<Stepper> {
  const inner = internals(network);
  const { checkpoints, resume = false, schedule = constantSchedule(), ...rest } = options;
  if (schedule.follow !== undefined) {
    throw new BanyanError(
      'argument',
      `stepper: the schedule "${schedule.kind}" follows evaluations, expected one that depends on the step alone. Leave it out, and give step() its learningRate.`,
    );
  }
  if (rest.steps === undefined && fallsOverAll(schedule)) {
    throw new BanyanError(
      'argument',
      `stepper: the schedule "${schedule.kind}" goes over all steps, expected their number, received none. Add steps, or leave it out and give step() its learningRate.`,
    );
  }
  if (resume && checkpoints === undefined)
    throw new BanyanError('argument', 'stepper: resume needs the folder checkpoints, received none. Add it.');
  const use = inner.lease.exclusive('trained');
  let training: OpenTraining;
  try {
    await use.before;
    training = await openTraining(
      inner,
      {
        steps: Number.MAX_SAFE_INTEGER,
        ...rest,
        schedule,
        ...(checkpoints === undefined
          ? {}
          : { checkpoint: { folder: checkpoints, minutes: Number.POSITIVE_INFINITY } }),
      },
      resume && checkpoints !== undefined ? { folder: checkpoints } : undefined,
      { emit: () => {}, use, byHand: true },
    );
  } catch (error) {
    use.end();
    throw error;
  }
  const opened = new OpenStepper(inner, use, training, checkpoints);
  try {
    await opened.begin();
    return opened;
  } catch (error) {
    await opened.close().catch(() => {});
    throw error;
  }
}

/** Whether a schedule's factor of a step is another one where there are more steps. What is no schedule is told of as by `train`. */
const fallsOverAll = (schedule: Schedule): boolean =>
  !Object.is(schedule.factor?.(PROBED - 1, PROBED), schedule.factor?.(PROBED - 1, 2 * PROBED));

class OpenStepper implements Stepper {
  readonly #network: Internals;
  readonly #use: ExclusiveUse;
  readonly #training: OpenTraining;
  readonly #checkpoints: string | undefined;
  /** What was asked for before is done. */
  #before: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<void> | undefined;

  constructor(network: Internals, use: ExclusiveUse, training: OpenTraining, checkpoints: string | undefined) {
    this.#network = network;
    this.#use = use;
    this.#training = training;
    this.#checkpoints = checkpoints;
  }

  async begin(): Promise<void> {
    await this.#training.loop.begin();
    const { lease } = this.#network;
    const { loop, prepared } = this.#training;
    // Who looks at the network between two steps sees the weights to use.
    const turn = () => prepared.batches.pause(() => prepared.averaging.use(loop.steps, () => lease.turn()));
    this.#use.onAwaited = () => void this.#inTurn(turn).catch(() => lease.turn());
  }

  get steps(): number {
    return this.#training.loop.steps;
  }

  step({ learningRate }: { readonly learningRate?: number } = {}): Promise<StepEvent> {
    return this.#inTurn(async () => {
      if (learningRate !== undefined) check('stepper: step', { learningRate }, finite);
      const { loop, prepared } = this.#training;
      if (loop.steps >= prepared.steps) {
        throw new BanyanError(
          'argument',
          `stepper: all ${prepared.steps} steps are made, expected no further one. Close it, or give more steps.`,
        );
      }
      try {
        const event = await loop.step(learningRate);
        if (event === undefined) throw this.#training.signal.reason;
        return event;
      } catch (error) {
        this.#failure = { error };
        throw error;
      }
    });
  }

  gradients(): Promise<BatchGradients> {
    return this.#inTurn(async () => {
      const { batches, draws, plans, state } = this.#training.prepared;
      const plan = plans.of(draws.takingPart(this.steps + 1), this.steps + 1);
      const batch = await batches.peek();
      return batchGradients(plan, narrow(batch, plan.passes), state.updates + 1);
    });
  }

  evaluate(): Promise<Metrics> {
    return this.#inTurn(() => this.#training.loop.evaluate());
  }

  save(): Promise<string> {
    return this.#inTurn(async () => {
      const folder = this.#checkpoints;
      if (folder === undefined)
        throw new BanyanError('argument', 'stepper: save needs the folder checkpoints, received none. Give one.');
      const path = await this.#training.loop.save();
      if (path !== undefined) return path;
      throw new BanyanError(
        'checkpoint',
        `stepper: no checkpoint of step ${this.steps} was written into ${folder}, as the warning says. Make room, or give another folder.`,
      );
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#before
      .catch(() => {})
      .then(() => this.#training.loop.end(this.#failure))
      .catch((error: unknown) => {
        // It was thrown where it came up.
        if (this.#failure === undefined) throw error;
      })
      .finally(() => {
        this.#training.release();
        this.#use.end();
      });
    return this.#closed;
  }

  /** Does something after what was asked for before. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined)
      throw new BanyanError('argument', 'This stepper is closed, expected an open one. Make another.');
    const ready = this.#before.catch(() => {});
    const done = ready.then(() => {
      if (this.#failure !== undefined) throw this.#failure.error;
      return work();
    });
    this.#before = done;
    return done;
  }
}

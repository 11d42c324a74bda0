import type { Prepared } from '../../runtime/index.ts';
import type { BalanceReport, GradientReport } from '../events.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import type { OptimizerState } from '../step/apply.ts';
import type { LearningRate } from '../step/inputs.ts';
import type { UpdatePlan } from '../step/plan.ts';

/** What an update is asked to do. */
export interface UpdateRequest {
  /** Which tasks take part, and what they train. */
  readonly plan: UpdatePlan;
  /** Holds what the passes of the plan need, and no more. */
  readonly batch: StepBatch;
  readonly learningRate: LearningRate;
  /** Reads another batch for the same passes, for a method that compares two. */
  readonly nextBatch: () => Promise<StepBatch>;
  /** Whether the losses of the batch are computed once more after the update. */
  readonly measureAgain?: boolean;
  /** What `prepare` gave for this update. */
  readonly prepared?: Prepared | undefined;
}

/** What an update has found. */
export interface UpdateResult {
  /** By task; none for a task without a label, or one that takes no part. */
  readonly losses: Readonly<Partial<Record<string, number>>>;
  /** The same after the update, where they are computed once more. */
  readonly lossesAfter?: Readonly<Partial<Record<string, number>>>;
  /** Labelled examples, by task that takes part. */
  readonly labelled: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  /** The sum of the blocks' own losses, where there are any. */
  readonly auxiliary?: number;
  readonly balance?: BalanceReport;
  readonly gradients?: GradientReport;
}

/** What an update changes beside the weights. */
export interface UpdateState extends OptimizerState {
  /** Updates that this optimiser has made. */
  updates: number;
  /** False while an update has changed something of the state, or of the weights, and not everything yet. */
  whole: boolean;
}

/**
 * A way of making an update of several losses. It is chosen once for a training (`choose.ts`); which tasks take part in an update is
 * said by its plan.
 */
export interface UpdateStrategy {
  /**
   * Brings an update to the device before it can begin; undefined where it depends on the one before, or was not compiled yet.
   * `before`: the plan of the update that is being made meanwhile, if one is.
   */
  prepare?(
    plan: UpdatePlan,
    batch: StepBatch,
    learningRate: LearningRate,
    before: UpdatePlan | undefined,
  ): Prepared | undefined;
  /**
   * Makes one update. Nothing changes unless all losses and gradients are finite, and no tensor is left; where an error comes
   * too late for that, the state's `whole` is false.
   * @throws BanyanError `diverged` with the task whose loss is not finite, `leak` with the plugin's part that leaves tensors,
   * `memory` where there was not enough of it.
   */
  update(request: UpdateRequest): Promise<UpdateResult>;
  /** Compares the tasks' gradients of the update just made; absent where it does not keep them. */
  compare?(plan: UpdatePlan): Promise<GradientReport>;
  /** Traces the computation in which an update spends its time, in Chrome's format. No weight changes. */
  profile(plan: UpdatePlan, batch: StepBatch, learningRate: LearningRate): Promise<string>;
  dispose(): void;
}

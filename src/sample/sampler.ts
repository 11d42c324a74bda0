import type { JudgedTask } from '../optimise/index.ts';
import type { RandomStream } from '../random/index.ts';
import type { Json } from '../task/contract.ts';

/** A task, as a sampler sees it; with the metric by which it is judged. */
export interface SampledTask extends JudgedTask {
  /** Its training examples; Infinity for a source without an end. */
  readonly examples: number;
}

/** What a sampler begins with. */
export interface SampledTraining {
  readonly tasks: readonly SampledTask[];
  /** The number of steps of the training. */
  readonly steps: number;
}

/** What a draw is asked for. */
export interface DrawRequest {
  /** The number of the step that it is for, 1 for the first. */
  readonly step: number;
  /** Positions of the tasks that may be drawn, ascending; at least one. */
  readonly active: readonly number[];
  /** Draws of this step alone. */
  readonly random: RandomStream;
}

/** What a sampler hears of a step. */
export interface SampledStep {
  readonly step: number;
  /** The mean losses of the tasks that took part and had a label, by position. */
  readonly losses: ReadonlyMap<number, number>;
  /** The losses of the same batch after the update, where the sampler asks for them (`Sampler.measuresAgain`). */
  readonly lossesAfter?: ReadonlyMap<number, number>;
  /** Draws of this step alone, others than those of `draw`. */
  readonly random: RandomStream;
}

/** Metrics on the validation split, by task and metric. */
export type SampledMetrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * A sampler at work on so many tasks, which it knows by their positions. Its state is JSON: it goes into checkpoints. Batches are read
 * ahead, so a step is drawn three steps before it is made, by what is known then.
 */
export interface SamplerState {
  /** How many different sets of tasks it may draw: each is a graph of its own. */
  readonly sets: number;
  /** Draws the tasks of a step: at least one of the active ones, each once, ascending. It is called once for each step, in their order. */
  draw(request: DrawRequest): readonly number[];
  /** Hears what came of a step. */
  observeStep?(step: SampledStep): void;
  /** Hears the metrics of an evaluation. */
  observeEvaluation?(metrics: SampledMetrics): void;
  /** Returns what it knows of earlier steps; absent for a sampler that knows none. */
  state?(): Json;
  /** Goes on from a saved state. @throws BanyanError `checkpoint` for a state that `state()` does not return. */
  restore?(state: Json): void;
}

/** Decides which tasks take part in a step. It holds no state: that is made for a training. */
export interface Sampler {
  /** Its name in files, as `round-robin`. */
  readonly kind: string;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** Whether it follows evaluations: then the training needs `evaluateEvery`. */
  readonly followsEvaluations?: boolean;
  /** Whether it compares losses after an update with those before, which costs one more forward pass a step. */
  readonly measuresAgain?: boolean;
  /**
   * Begins with the tasks of a training.
   * @throws BanyanError `argument` for tasks that it cannot draw from.
   */
  begin(training: SampledTraining): SamplerState;
}

import type { BalanceOption } from '../balance/index.ts';
import type { ClusterOptions, Exchange } from '../cluster/index.ts';
import type { Average, Optimizer, Schedule } from '../optimise/index.ts';
import type { CompileMode, Precision } from '../runtime/index.ts';
import type { Sampler } from '../sample/index.ts';
import type { TrainingEvent } from './events.ts';
import type { ParameterRule } from './parameters/rules.ts';
import type { BestOptions, StopOptions } from './stopping/options.ts';

/**
 * When a training is saved on its way. Whatever it is, no bit of the training changes.
 * @throws (by `train`) BanyanError `argument` for an `every` that is no whole number >= 1, or `minutes` that are not > 0; `checkpoint`
 * for a folder that holds checkpoints of another training.
 */
export interface CheckpointOptions {
  /** The folder that checkpoints are written into, `step-00000100` and so on; it is made where it is missing. The newest two are kept. */
  readonly folder: string;
  /** A checkpoint is written every so many steps. Default: never by steps. */
  readonly every?: number;
  /** A checkpoint is written whenever so many minutes have gone by. Default: 5, or never by time where `every` is given. */
  readonly minutes?: number;
}

/** The options of `train` and `resume`. Those that cannot be are a BanyanError `argument` before anything is trained. */
export interface TrainOptions {
  /** The number of updates, a whole number >= 1. Either this or `epochs` is required. */
  readonly steps?: number;
  /**
   * The number of passes through the training set that takes the most steps, > 0; part of a pass is rounded up to a whole step. Not
   * for training sets without an end.
   */
  readonly epochs?: number;
  /**
   * The number of examples of each task in one step, >= 1: one number for all tasks, or a number for each by the task's name. Tasks
   * of one source must have the same. One that does not fit into memory is a BanyanError `memory`.
   */
  readonly batch: number | Readonly<Record<string, number>>;
  /** The names of the tasks to train, all of the last column. Default: all that are not frozen, which are those of the last column. */
  readonly tasks?: readonly string[];
  /**
   * Which tasks take part in a step: a sampler of `banyan-ml/sample`. A task that is not drawn costs nothing in that step: nothing is
   * read for it, and its stem and head are not run. It needs `steps`, since `epochs` count the examples of all tasks. Default: all
   * tasks, in each step.
   */
  readonly sampler?: Sampler;
  /**
   * How tasks that pull apart are balanced: a method of `banyan-ml/balance`, by name or with options. Default: `equal`, the sum of
   * the losses times the tasks' weights. A method that looks at gradients keeps the trunk's size once for each task; where that is
   * more than half of the free memory, it is a BanyanError `runtime`.
   */
  readonly balance?: string | BalanceOption;
  /**
   * The tasks' gradients over the trunk and block by block are compared in the first step, and every so many after it, and are
   * the `gradients` of the `step` event. Such a step costs one more backward pass for each task, and its memory is one copy of the
   * trunk's weights for each task; next to nothing where `balance` keeps the gradients anyway. No bit of the training changes. A
   * whole number >= 1. Default: never.
   */
  readonly compareGradientsEvery?: number;
  /**
   * Which weights are trained otherwise than the rest: not at all, not in some steps, or at a learning rate of their own, as a network
   * wants it that begins with the weights of another. What is frozen keeps its optimiser's state. Default: none.
   */
  readonly parameters?: readonly ParameterRule[];
  /** The optimiser, which begins anew. Default: AdamW at 2e-3, or whatever the network was trained with before, with its state. */
  readonly optimizer?: Optimizer;
  /**
   * The factor of the learning rate, step by step. Default: a warm-up over a twentieth of the steps, then a cosine down to 0. One
   * that gives a number that is not finite is a BanyanError `argument` in that step.
   */
  readonly schedule?: Schedule;
  /**
   * An average of the weights, which begins anew with each training, such as `exponentialAverage()`. Evaluations measure it beside the
   * weights that are trained, and the network holds it after the training, unless its `use` is `raw`; a later training goes on from the
   * weights that were trained. An optimiser that averages by itself takes none. Default: none.
   */
  readonly average?: Average;
  /**
   * The number of micro-batches that a step's batch is worked through in, one after the other. The update is by the sum of their
   * gradients: the same (but for dropout and batch statistics, which are a micro-batch's own) in less memory. It must divide `batch`.
   * Default: 1.
   */
  readonly accumulate?: number;
  /** The largest global norm of the gradient, > 0; a longer one is scaled down to it. Infinity: no clipping. Default: 1. */
  readonly clip?: number;
  /**
   * The metrics on the validation split are computed every so many steps, a whole number >= 1. Each task must have a validation
   * split that ends. Default: never.
   */
  readonly evaluateEvery?: number;
  /** At most so many examples are taken for that, drawn from the whole split, the same each time. Default: all. */
  readonly evaluateExamples?: number;
  /**
   * When the training ends before its last step: after the event for which a function returns true, or, by an object, once evaluations show
   * no improvement any more, of each task by itself or of one. Default: nothing ends it early.
   */
  readonly stop?: ((event: TrainingEvent) => boolean) | StopOptions;
  /**
   * By what the best weights are chosen among those that were evaluated. The network has them when the training ends without an error; its
   * checkpoints go on from the last ones. They are kept in memory once more. Default: the network has those of the last update.
   */
  readonly best?: BestOptions;
  /**
   * Ends the training once it is aborted, after the running step or between two batches of an evaluation (which a resumed
   * training makes up for). As after `stop`, the last events are told. Default: none.
   */
  readonly signal?: AbortSignal;
  /**
   * Where and when checkpoints are written: on the way, and at the end, however that comes. One that cannot be written is a
   * warning, and tried again. Default: none are written.
   */
  readonly checkpoint?: CheckpointOptions;
  /**
   * The seconds that an `open()` or `read()` of a source may take, > 0; a longer one is a BanyanError `data`. Default: any time, with
   * a warning now and then.
   */
  readonly sourceTimeout?: number;
  /**
   * The file into which a trace of the tenth step is written, for the viewers of Chrome (chrome://tracing) and Perfetto: what each
   * operation takes, named after stem, block or head. Where `balance` looks at gradients, it shows how these are computed. It
   * needs a graph; a file that cannot be written is a warning. Default: none.
   */
  readonly profile?: string;
  /**
   * The processes that train the network together, each with the same program and options. `batch` is what each of them takes of a step's
   * batch, so a step has so many times more; the weights after each step are the same in all, unless there is a `synchronizeEvery`. The
   * chief writes checkpoints and measures for all, and what a function `stop` or a `signal` ends in one of them ends in all after the same
   * step. It needs a graph. BanyanError `cluster` where not all come, where they are not alike, or where one is gone. Default: this process
   * trains alone.
   */
  readonly cluster?: ClusterOptions;
  /**
   * In what type the processes of `cluster` send their gradients: `bfloat16` halves the bytes and rounds each to 8 bits; losses, counts,
   * weights and updates stay float32, and all processes keep the same bits. For one process it is a warning. Default: `float32`.
   */
  readonly exchange?: Exchange;
  /**
   * The processes of `cluster` update weights of their own from their own gradients, and every so many steps, and after the last one,
   * weights, the optimiser's state and running statistics become the mean of theirs (local SGD: Stich 2019). Between, nothing is exchanged:
   * losses and label counts of a step are those of the process itself, and checkpoints, ends and what `evaluateEvery` and
   * `compareGradientsEvery` ask for, which must be multiples of it, wait for the mean. A whole number >= 1; 1 is not the same as none, where
   * gradients are added up before an update. For one process it is a warning. Default: gradients are added up in each step.
   */
  readonly synchronizeEvery?: number;
  /**
   * `resume` goes on with another number of processes than the checkpoint was written by, and each step has as many examples as before:
   * `batch` and `accumulate` follow from the checkpoint. It ends with other bits. BanyanError `argument` where the examples cannot be shared
   * out evenly. Default: another number is an error.
   */
  readonly resize?: boolean;
  /** What the order of the examples and all random draws follow from: a whole number from 0 to 2^53 - 1. Default: 0. */
  readonly seed?: number;
  /** How a step runs. Default: `auto`, as one graph where that is possible, else operation by operation. */
  readonly compile?: CompileMode;
  /**
   * `mixed`: products and convolutions of a step in bfloat16; weights, losses and updates stay float32. For cards; on a
   * processor it has brought nothing so far, since the conversions cost what the products save. It needs a graph, else it is a
   * BanyanError `runtime`. Default: `float32`.
   */
  readonly precision?: Precision;
}

/** What of a training's options decides how each of its steps is made. */
export type StepOptions = Pick<
  TrainOptions,
  | 'accumulate'
  | 'balance'
  | 'batch'
  | 'clip'
  | 'compile'
  | 'optimizer'
  | 'parameters'
  | 'precision'
  | 'sampler'
  | 'seed'
  | 'signal'
  | 'sourceTimeout'
  | 'tasks'
>;

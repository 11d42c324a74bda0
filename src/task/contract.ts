import type * as tf from '@tensorflow/tfjs';
import type { Randomness } from '../random/randomness.ts';
import type { Display, Explanation } from './display.ts';

/** What `prepare` may return: one example as plain numbers. A batch of `Uint8Array` arrives in the graph as int32. */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How a variable begins. `{ normal: 0.02 }` is a normal distribution with that standard deviation; `{ constant: 0.1 }` that number. */
export type Initializer =
  | 'glorotNormal'
  | 'glorotUniform'
  | 'heNormal'
  | 'zeros'
  | 'ones'
  | { readonly normal: number }
  | { readonly constant: number };

/** The rank that tfjs gives a tensor of this shape: R2 for `[4, 8]`. */
export type RankOf<Shape extends readonly number[]> = number extends Shape['length']
  ? tf.Rank
  : `R${Shape['length']}` extends keyof typeof tf.Rank
    ? (typeof tf.Rank)[`R${Shape['length']}`]
    : tf.Rank;

export interface VariableOptions {
  /**
   * False for statistics that the forward pass assigns itself (batch normalisation); a function for what may change between
   * two trainings. Default true.
   */
  readonly trainable?: boolean | (() => boolean);
  /** Whether weight decay applies. Default: for kernels, that is rank 2 and above. */
  readonly decay?: boolean;
}

export interface SettingsOptions {
  /**
   * True for what matters only while it is trained (dropout, label smoothing, augmentation): a network may be loaded with
   * another value, and only a training does not go on with it. Default false.
   */
  readonly training?: boolean;
}

/** What a block, stem or head is built with. It constructs none of these itself. */
export interface BlockContext {
  /** Numbers in one trunk token. */
  readonly width: number;
  /** The only source of random draws, at build time and inside `forward` (dropout). */
  readonly random: Randomness;
  /** A weight of the network: saved, loaded and trained with it. The name is unique within this stem, block or head. */
  variable<const Shape extends readonly number[]>(
    name: string,
    shape: Shape,
    initializer: Initializer,
    options?: VariableOptions,
  ): tf.Variable<RankOf<Shape>>;
  /**
   * A fact that belongs to the weights but is no weight (a vocabulary, the mean of a data set): made once when the
   * network is created, saved with it, and given back instead of being made again when the network is loaded.
   */
  asset<T extends Json>(name: string, make: () => T): T;
  /**
   * Options by name that decide what this part computes or learns beside its weights (names of classes, a mean that is
   * subtracted, a rate): saved with the network as JSON, and compared when it is loaded and when a training goes on. A
   * function cannot be compared, unless it has a property `config` that says what made it.
   * @returns the options; for one that is undefined, the value that a loaded network was saved with.
   * @throws BanyanError `checkpoint` for another value than that.
   */
  settings<T extends Readonly<Record<string, unknown>>>(values: T, options?: SettingsOptions): T;
  /**
   * A term of the objective that depends on weights alone, such as `() => kernel.square().sum().mul(0.01)`: a scalar, in the
   * graph. It counts once an update, whatever tasks take part and however they are weighed, for those weights that are trained;
   * the losses that are told are without it.
   */
  penalty(term: () => tf.Scalar): void;
}

export interface BuildContext extends BlockContext {
  /** The task's name; for a stem that several tasks share, the first one's. */
  readonly task: string;
}
export interface StemContext extends BuildContext {}
export interface HeadContext extends BuildContext {
  /** Positions of the tokens that it reads: its stem's `positions`, absent where that has none. */
  readonly positions?: number;
}

/** How a forward pass is meant. */
export interface Call {
  /** True in a training step: dropout drops, augmentation augments, batch statistics are the batch's own. */
  readonly training: boolean;
  /** `[batch, positions]`, 1 = a token, 0 = padding. Absent where every position is a token. */
  readonly mask?: tf.Tensor2D;
  /** For blocks that write: what was read, `[batch, positions, width]`, with its mask as above. */
  readonly source?: { readonly tokens: tf.Tensor3D; readonly mask?: tf.Tensor2D };
  /** While a sequence is written position by position: what layers kept of earlier positions. Absent where all are there. */
  readonly past?: Past;
}

/** What layers keep from one position to the next, while a sequence is written. The tokens then have one position. */
export interface Past {
  /** Number of the position that is written, from 0, int32. */
  readonly at: tf.Scalar;
  /** How many positions there can be. */
  readonly length: number;
  /** What was kept at the position before, zeros at the first. `memory` is an object of the layer's own. */
  recall(memory: object, shape: readonly number[]): tf.Tensor;
  /** Keeps a value of the shape that is recalled. */
  keep(memory: object, value: tf.Tensor): void;
}

/** Tokens of which some are padding: `tokens [batch, positions, width]`, `mask [batch, positions]`, 0 = padding. */
export interface MaskedTokens {
  readonly tokens: tf.Tensor3D;
  readonly mask: tf.Tensor2D;
}

/**
 * A stem is a modality's way in. `Input` is what a source gives for one example; `Batch` is the tensor that `forward` is handed,
 * such as `tf.Tensor4D` for examples of shape `[height, width, channels]`.
 */
export interface Stem<Input, Batch extends tf.Tensor = tf.Tensor> {
  /** The modality's name: `vision`, `text`, `audio`, or your own. */
  readonly modality: string;
  /** Shape of one prepared example, without the batch axis. */
  readonly inputShape: readonly number[];
  /**
   * For examples of varying length: the lengths (at most four, ascending, the last equal to `inputShape[0]`) to which a
   * batch is padded with 0. An example's first axis may then be anything up to the last of them.
   */
  readonly lengths?: readonly number[];
  /**
   * Positions of every example's tokens, padding included, where their number never varies. A head can then have weights for each of
   * them.
   */
  readonly positions?: number;
  /** One raw example to numbers, on the host. Same raw example, same numbers: augmentation belongs into `forward`. */
  prepare(raw: Input): TypedArray;
  /** `[batch, …inputShape]` to tokens `[batch, positions, width]`, in the graph. */
  forward(batch: Batch, call: Call): tf.Tensor3D | MaskedTokens;
  /**
   * What `linearBaseline` is to see of one raw example, where that is another thing than `prepare` gives: numbers, as many of every
   * example; or names of what occurs in it, such as words, once for each time. Same raw example, same baseline.
   */
  baseline?(raw: Input): Float32Array | readonly string[];
  /** One raw example from a file, for `banyan predict`. */
  readFile?(path: string): Promise<Input>;
  /** What a person can be shown of one raw example. Same raw example, same display. */
  display?(raw: Input): Display;
}

/** One layer group of a trunk: `[batch, positions, width]` to the same. */
export interface Block {
  forward(tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
  /**
   * `forward` with what the lateral adapters add, `[batch, positions, width]`. A block that has none gets it on its input,
   * which is right for a residual one; a plain layer adds it before its activation (Rusu et al. 2016, equation 2).
   */
  forwardWithLateral?(tokens: tf.Tensor3D, lateral: tf.Tensor3D, call: Call): tf.Tensor3D;
}

/** Shape and type of one prepared label. */
export interface Label<Target = unknown> {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /**
   * One raw target to numbers, on the host. Default: the target itself is the number. Never sees a missing label. Undefined for
   * one that nothing is learned from, such as a whole episode: metrics see it, the loss does not.
   */
  prepare?(target: Target): number | TypedArray | undefined;
}

/** Running figure over predictions, for instance accuracy. Host side; `result()` of no update is NaN. */
export interface Metric<Target = unknown, Prediction = unknown> {
  readonly name: string;
  /** True where more is better. Default true. */
  readonly higherIsBetter?: boolean;
  update(target: Target, prediction: Prediction): void;
  result(): number;
  reset(): void;
}

/** A head's `forward` gives one tensor, or several by name. The first axis of each is the batch. */
export type Output = tf.Tensor | { readonly [name: string]: tf.Tensor };

/** One sample of an output, on the host: its numbers, or those of each tensor by its name. */
export type SampleOf<HeadOutput extends Output> = HeadOutput extends tf.Tensor
  ? Float32Array
  : { readonly [Name in keyof HeadOutput]: Float32Array };

/** One sample of any head's output. */
export type SampleOutput = SampleOf<Output>;

/**
 * A head is a modality's way out. `HeadOutput` is what its `forward` gives, and so what `loss` and `decode` are handed:
 * `tf.Tensor2D` for one tensor `[batch, numbers]`, `{ policy: tf.Tensor2D; value: tf.Tensor1D }` for two by their names.
 */
export interface Head<Target, Prediction, HeadOutput extends Output = Output> {
  /** Default: one float32 number. An int32 scalar label is a class: -1 means that it is missing. */
  readonly target?: Label<Target>;
  readonly metrics: readonly Metric<Target, Prediction>[];
  /** The loss that a network which knows nothing has (ln(classes) for a classifier), for `--check`. */
  readonly initialLoss?: number;
  /** `[batch, positions, width]` to the output. */
  forward(tokens: tf.Tensor3D, call: Call): HeadOutput;
  /** Gives the loss of each sample, `[batch]`, from the output and the prepared labels, `[batch, …target.shape]`. */
  loss(output: HeadOutput, target: tf.Tensor): tf.Tensor1D;
  /** Makes of one sample's output the prediction that a user sees. */
  decode(output: SampleOf<HeadOutput>): Prediction;
  /** A prediction in words, compared with the target, which is undefined where a label is missing. */
  explain?(prediction: Prediction, target: Target | undefined): Explanation;
}

/** Makes a stem for one network. `modality` is what the stem will say of itself: then nothing has to be built to know it. */
export type StemFactory<Input, Batch extends tf.Tensor = tf.Tensor> = ((context: StemContext) => Stem<Input, Batch>) & {
  readonly modality?: string;
};
/** Makes a head for one network. */
export type HeadFactory<Target, Prediction, HeadOutput extends Output = Output> = (
  context: HeadContext,
) => Head<Target, Prediction, HeadOutput>;

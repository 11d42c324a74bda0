import type * as tf from '@tensorflow/tfjs';
import type { Randomness } from '../random/randomness.ts';
import type { Display, Explanation, Places } from './display.ts';

/** `prepare` returns one example as plain numbers of such a type. A batch of `Uint8Array` arrives in the graph as int32. */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Names a kind of preparation or decoding that programs in other languages know (docs/export.md), with what it needs beside the settings of
 * the stem or head.
 */
export interface Declared {
  readonly kind: string;
  readonly [name: string]: Json;
}

/** An initializer says how a variable begins. `{ normal: 0.02 }` is a normal distribution with that standard deviation; `{ constant: 0.1 }` that number. */
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
   * It is false for statistics that the forward pass assigns itself (batch normalisation), and a function for what may change
   * between two trainings. Default true.
   */
  readonly trainable?: boolean | (() => boolean);
  /**
   * It is true for what the forward pass counts, in a variable that is not trainable: what the workers of a training count is added up,
   * while of other statistics all take the mean. Default false.
   */
  readonly counts?: boolean;
  /** It says whether weight decay applies. Default: for kernels, that is rank 2 and above. */
  readonly decay?: boolean;
}

export interface SettingsOptions {
  /**
   * It is true for what matters only while it is trained (dropout, label smoothing, augmentation): a network may be loaded with
   * another value, and only a training does not go on with it. Default false.
   */
  readonly training?: boolean;
}

/** A block, stem or head is built with a context. It constructs none of these members itself. */
export interface BlockContext {
  /** One token of the trunk has so many numbers. */
  readonly width: number;
  /** All random draws come from here, at build time and inside `forward` (dropout). */
  readonly random: Randomness;
  /** Makes a weight of the network: it is saved, loaded and trained with it. Its name is unique within this stem, block or head. */
  variable<const Shape extends readonly number[]>(
    name: string,
    shape: Shape,
    initializer: Initializer,
    options?: VariableOptions,
  ): tf.Variable<RankOf<Shape>>;
  /**
   * Keeps a fact that belongs to the weights but is no weight (a vocabulary, the mean of a data set): it is made once when the
   * network is created, saved with it, and given back instead of being made again when the network is loaded.
   */
  asset<T extends Json>(name: string, make: () => T): T;
  /**
   * Says by which options this part computes or learns, beside its weights (names of classes, a mean that is
   * subtracted, a rate): they are saved with the network as JSON, and compared when it is loaded and when a training goes on. A
   * function cannot be compared, unless it has a property `config` that says what made it.
   * @returns the options; for one that is undefined, the value that a loaded network was saved with.
   * @throws BanyanError `checkpoint` for another value than that.
   */
  settings<T extends Readonly<Record<string, unknown>>>(values: T, options?: SettingsOptions): T;
  /**
   * Adds a term to the objective that depends on weights alone, such as `() => kernel.square().sum().mul(0.01)`: a scalar, in the
   * graph. It counts once an update, whatever tasks take part and however they are weighed, for those weights that are trained;
   * the losses that are told are without it.
   */
  penalty(term: () => tf.Scalar): void;
}

export interface BuildContext extends BlockContext {
  /** The task's name; of a stem that several tasks share, the first one's. */
  readonly task: string;
}
export interface StemContext extends BuildContext {}
export interface HeadContext extends BuildContext {
  /** The head reads so many positions of tokens: its stem's `positions`, of several stems their sum; absent where one has none. */
  readonly positions?: number;
}

/** How the samples of a batch were mixed: each keeps a share of itself, and the rest is another one's. */
export interface Mixing {
  /** `[batch]`, int32: the number of the sample that each was mixed with. */
  readonly partners: tf.Tensor1D;
  /** `[batch]`, float32, from 0 to 1: what share of each is its own. */
  readonly shares: tf.Tensor1D;
}

/** A call says how a forward pass is meant. */
export interface Call {
  /** It is true in a training step: dropout drops, augmentation augments, batch statistics are the batch's own. */
  readonly training: boolean;
  /** `[batch, positions]`, 1 = a token, 0 = padding. Absent where every position is a token. */
  readonly mask?: tf.Tensor2D;
  /** For blocks that write: what was read, `[batch, positions, width]`, with its mask as above. */
  readonly source?: { readonly tokens: tf.Tensor3D; readonly mask?: tf.Tensor2D };
  /** While a sequence is written position by position: what layers kept of earlier positions. Absent where all are there. */
  readonly past?: Past;
  /** For heads: the stem's features that the head `reads`, by name (of several inputs INPUT.NAME), `[batch, …]` each. */
  readonly features?: Readonly<Record<string, tf.Tensor>>;
  /**
   * Takes a loss of the part's own, one number `[]`, such as how unevenly its experts are used (Shazeer et al. 2017, section 4). It is there
   * where the part learns, and absent in prediction, in evaluation, and in what is frozen; what is given has to outlive the call, so no
   * `tf.tidy` around it. Each pass adds it to the objective once, whatever the weights of the tasks and whichever of them have a label; in
   * micro-batches it is their mean. The tasks' losses that are told are without it: the events have the sum of all passes as `auxiliary`.
   *
   * A balancing method that looks at losses sees and weighs those of the tasks alone, and so does one that looks at the gradients of
   * activations. One that looks at the tasks' gradients sees it in them, since each task of the pass that reaches a weight bears an equal
   * share: what the method makes of a task's gradient, it makes of that share.
   */
  readonly also?: (loss: tf.Scalar) => void;
  /**
   * For stems: takes how the stem has mixed the samples of its batch (mixup, CutMix), at most once in a pass. Every task of the pass then has
   * the loss `share * loss(output, own label) + (1 - share) * loss(output, partner's label)` on a sample; a label that is missing adds
   * nothing. It is there where the stem learns, and absent in prediction and evaluation; what is given has to outlive the call, so no `tf.tidy`
   * around it. What other stems make of the same samples is mixed in the same way. A head that writes, and one that compares samples, is an
   * error beside it.
   */
  readonly mixed?: (mixing: Mixing) => void;
  /**
   * For stems: takes the numbers that an explanation is about, such as a spectrogram or the vectors of words, where these are other ones than
   * `prepare` gives, `[batch, …]`, and gives what is to stand in their place, of the same shape. The first `axes` after the batch are places that
   * a person sees; the others belong to one place. It is there only while an input is explained, and is called at most once.
   */
  readonly looks?: <T extends tf.Tensor>(numbers: T, axes: number) => T;
  /** For blocks that attend: takes the weights of an attention, `[batch, heads, positions, positions]`. It is there only while a roll-out asks. */
  readonly attends?: (weights: tf.Tensor4D) => void;
  /**
   * For blocks that send each token to some of their parts, such as experts: takes where each goes, `[batch, positions, parts]`, 1 for a part that
   * it goes to, all 0 for padding. It is there only while `routing` asks, never where anything learns.
   */
  readonly routes?: (visits: tf.Tensor3D) => void;
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
  /**
   * Gives what is the same at every position, such as keys and values of `Call.source`. It is computed at the first position, and kept for
   * the others; `memory` is an object of the layer's own, and another than those of what is recalled.
   */
  once(memory: object, compute: () => tf.Tensor): tf.Tensor;
  /**
   * Gives a memory of another kind, which the framework's kernels write where it lies. It is there where they do the work, and a layer that
   * has one then neither recalls nor keeps. `shape` is `[batch, slots, …]`, and position t lies in slot t mod slots.
   */
  readonly held?: (memory: object, shape: readonly number[]) => HeldMemory;
}

/** A memory that a kernel writes where it lies. */
export interface HeldMemory {
  readonly memory: tf.Tensor;
  /** In which row of the memory lies which each row was at the positions before, since the rows of a beam change places: int32 `[batch, positions]`. */
  readonly lines: tf.Tensor2D;
}

/** A stem gives this where some tokens are padding: `tokens [batch, positions, width]`, `mask [batch, positions]`, 0 = padding. */
export interface MaskedTokens {
  readonly tokens: tf.Tensor3D;
  readonly mask: tf.Tensor2D;
}

/** Tokens of a stem that also gives features of its own, past the trunk, to heads that read them by name. */
export interface StemTokens {
  readonly tokens: tf.Tensor3D;
  readonly mask?: tf.Tensor2D;
  /** `[batch, …]` each, such as a picture's features at a finer resolution than its tokens have. */
  readonly features: Readonly<Record<string, tf.Tensor>>;
}

/**
 * A stem is a modality's way in. `Input` is what a source gives for one example; `Batch` is the tensor that `forward` is handed,
 * such as `tf.Tensor4D` for examples of shape `[height, width, channels]`.
 */
export interface Stem<Input, Batch extends tf.Tensor = tf.Tensor> {
  /** The modality's name: `vision`, `text`, `audio`, or your own. */
  readonly modality: string;
  /** The shape of one prepared example, without the batch axis. */
  readonly inputShape: readonly number[];
  /**
   * The types of numbers that `prepare` may give, as a batch has them: bytes arrive as int32. The first is that of an example from a file. For
   * programs that hand prepared numbers in: a server, an export.
   */
  readonly dtypes?: readonly ('float32' | 'int32')[];
  /** Says what `prepare` does, for programs in other languages: one of the kinds that an export's `banyan_export.py` has. */
  readonly preparation?: Declared;
  /**
   * Where examples vary in length, a batch is padded with 0 to one of these lengths (at most four, ascending, the last equal to
   * `inputShape[0]`). An example's first axis may then be anything up to the last of them.
   */
  readonly lengths?: readonly number[];
  /**
   * Every example becomes so many tokens, padding included, where their number never varies. A head can then have weights for each
   * of them.
   */
  readonly positions?: number;
  /**
   * Is true where training moves what an example shows (crops, turns), so that a label that names places does not fit: a head that `reads`
   * features of such a stem is an error.
   */
  readonly moves?: boolean;
  /** Turns one raw example into numbers, on the host. The same example gives the same numbers: augmentation belongs into `forward`. */
  prepare(raw: Input): TypedArray;
  /** Turns a batch `[batch, …inputShape]` into tokens `[batch, positions, width]`, in the graph. */
  forward(batch: Batch, call: Call): tf.Tensor3D | MaskedTokens | StemTokens;
  /**
   * Gives what `linearBaseline` is to see of one raw example, where that is another thing than `prepare` gives: numbers, as many of
   * every example; or names of what occurs in it, such as words, once for each time. The same example gives the same baseline.
   */
  baseline?(raw: Input): Float32Array | readonly string[];
  /** Reads one raw example from a file, for `banyan predict`. */
  readFile?(path: string): Promise<Input>;
  /** Makes what a person can be shown of one raw example. The same example gives the same display. */
  display?(raw: Input): Display;
  /**
   * Says what a person sees at the places of one raw example, for explanations: at those of what `call.looks` takes (else of `prepare`'s numbers),
   * or at its tokens. Undefined where a place shows nothing, as where all of the example is one token.
   */
  places?(raw: Input, at: 'input' | 'tokens'): Places | undefined;
}

/** A block is one layer group of a trunk: it turns `[batch, positions, width]` into the same. */
export interface Block {
  forward(tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
  /**
   * Computes `forward` with what the lateral adapters add, `[batch, positions, width]`. A block without this gets it on its input,
   * which is right for a residual one; a plain layer adds it before its activation (Rusu et al. 2016, equation 2).
   */
  forwardWithLateral?(tokens: tf.Tensor3D, lateral: tf.Tensor3D, call: Call): tf.Tensor3D;
}

/** A label says shape and type of one prepared target. */
export interface Label<Target = unknown> {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /**
   * Says to which lengths a batch's labels are padded with 0, where they vary, as sequences of symbols do: at most four, ascending, the
   * last equal to `shape[0]`. A label's first axis may then be anything from 1 up to the last of them.
   */
  readonly lengths?: readonly number[];
  /**
   * Turns one raw target into numbers, on the host. By default the target itself is the number. It never sees a missing label. It
   * gives undefined for a target that nothing is learned from, such as a whole episode: metrics see it, the loss does not.
   */
  prepare?(target: Target): number | TypedArray | undefined;
}

/** A metric is a running figure over predictions, for instance accuracy, on the host. `result()` of no update is NaN. */
export interface Metric<Target = unknown, Prediction = unknown> {
  readonly name: string;
  /** It is true where more is better. Default true. */
  readonly higherIsBetter?: boolean;
  update(target: Target, prediction: Prediction): void;
  result(): number;
  reset(): void;
}

/** A head's `forward` gives one tensor, or several by name. The first axis of each is the batch. */
export type Output = tf.Tensor | { readonly [name: string]: tf.Tensor };

/** One sample of an output on the host is its numbers, or those of each tensor by its name. */
export type SampleOf<HeadOutput extends Output> = HeadOutput extends tf.Tensor
  ? Float32Array
  : { readonly [Name in keyof HeadOutput]: Float32Array };

/** This is one sample of any head's output. */
export type SampleOutput = SampleOf<Output>;

/**
 * How a head writes symbols one after the other, each by those before it. Its target is int32 `[positions]`, ends with `end`, and is padded
 * with 0. In training each position sees the target's symbols before it (teacher forcing: Williams and Zipser 1989); a prediction is written
 * position by position, and each position sees what was written.
 */
export interface Writing {
  /** The symbol after which nothing follows; a whole number >= 1. */
  readonly end: number;
  /**
   * Tasks of one command share the vector that stands before the first symbol. A function says the command of a task by its name, where tasks
   * share the head. Default: the task's name.
   */
  readonly command?: string | ((task: string) => string);
  /** Takes symbols `[batch, positions]`, int32, to tokens `[batch, positions, width]`. The trunk's decoder tells where they stand. */
  embed(symbols: tf.Tensor2D, call: Call): tf.Tensor3D;
}

/** What a head has learned, where a person can read it and write it: rules in place of weights. */
export interface Knowledge {
  /** Says what was learned, in sentences and maps of text. */
  describe(): readonly string[];
  /** Gives all of it as JSON, a list of rules. */
  read(): Json;
  /** Puts such a list, as a person may have edited it, in the place of what was learned. @throws BanyanError `argument` for rules that are none. */
  write(rules: Json): void;
}

/** What can be explained of one example: a weighted sum of the head's numbers, such as the mean score of a class over the pixels that have it. */
export interface FoundOutcome {
  readonly name: string;
  /** Tells it from others of that name, such as `word 3`. */
  readonly place?: string;
  /** The number's place among those of `pick`, and its weight. */
  readonly terms: readonly (readonly [number: number, weight: number])[];
}

/** The numbers of a head's output that can be explained, such as the score of each class. */
export interface Outcomes<HeadOutput extends Output = Output> {
  /** The name of each number; none where they are too many, or have none. */
  readonly names: readonly string[];
  /** Takes the numbers out of the output, `[batch, numbers]`. Default: the output itself, its numbers in a row for each sample. */
  pick?(output: HeadOutput): tf.Tensor2D;
  /**
   * Finds what can be explained of one example, for a head whose outcomes follow from what it says of it, such as the label of each word. They
   * stand in the place of the numbers; that with the number `best` is explained by default.
   */
  found?(output: SampleOf<HeadOutput>): { readonly outcomes: readonly FoundOutcome[]; readonly best: number };
}

/**
 * A head is a modality's way out. `HeadOutput` is what its `forward` gives, and so what `loss` and `decode` are handed:
 * `tf.Tensor2D` for one tensor `[batch, numbers]`, `{ policy: tf.Tensor2D; value: tf.Tensor1D }` for two by their names.
 */
export interface Head<Target, Prediction, HeadOutput extends Output = Output> {
  /**
   * Makes it a head that writes: `forward` then takes the tokens of the trunk's decoder to scores `[batch, positions, symbols]`, whose softmax
   * is the probability of each symbol, and `decode` takes the symbols that were written, without `end`. The trunk needs a decoder.
   */
  readonly writes?: Writing;
  /**
   * Names the features of its task's stem that `forward` finds in `call.features`, for a head that needs a finer resolution than tokens have
   * (skip connections: Ronneberger et al. 2015, section 2).
   */
  readonly reads?: readonly string[];
  /** It is false for a head that takes features alone: neither the trunk nor its stem's tokens then learn from it. Default true. */
  readonly readsTokens?: boolean;
  /**
   * Is true where the loss of a sample compares it with the others of its batch, as a contrastive loss does. A sample without a label, and one
   * that fills up a batch, has the neutral label 0, which the loss has to leave out of the comparison. Micro-batches compare within
   * themselves. Default false: then a loss that mixes samples is an error.
   */
  readonly comparesSamples?: boolean;
  /** The label is one float32 number by default. An int32 scalar label is a class: -1 means that it is missing. */
  readonly target?: Label<Target>;
  readonly metrics: readonly Metric<Target, Prediction>[];
  /** A network that knows nothing has this loss (ln(classes) for a classifier): `--check` compares it. */
  readonly initialLoss?: number;
  /** Turns tokens `[batch, positions, width]` into the output. */
  forward(tokens: tf.Tensor3D, call: Call): HeadOutput;
  /** Gives the loss of each sample, `[batch]`, from the output and the prepared labels, `[batch, …target.shape]`. */
  loss(output: HeadOutput, target: tf.Tensor): tf.Tensor1D;
  /** Says what `decode` does, for programs in other languages: see `Stem.preparation`. */
  readonly decoding?: Declared;
  /** Makes of one sample's output the prediction that a user sees. */
  decode(output: SampleOf<HeadOutput>): Prediction;
  /** What was learned, for a head that a person can read: `banyan explain`. */
  readonly knowledge?: Knowledge;
  /** Says which numbers can be explained. Default: those of an output that is one tensor, `[batch]` or `[batch, numbers]`, without names. */
  readonly outcomes?: Outcomes<HeadOutput>;
  /** Puts a prediction into words, compared with the target, which is undefined where a label is missing. */
  explain?(prediction: Prediction, target: Target | undefined): Explanation;
}

/** Makes a stem for one network. `modality` is what the stem will say of itself: then nothing has to be built to know it. */
export type StemFactory<Input, Batch extends tf.Tensor = tf.Tensor> = ((context: StemContext) => Stem<Input, Batch>) & {
  readonly modality?: string;
  /**
   * Makes the same stem with these augmentations in the place of its own: each the name of a kind, or a section with `kind` and options, as
   * an experiment's file says them. @throws BanyanError `argument` for a kind that there is not, and for options that are wrong.
   */
  augmented?(augment: readonly unknown[]): StemFactory<Input, Batch>;
};
/** Makes a head for one network. */
export type HeadFactory<Target, Prediction, HeadOutput extends Output = Output> = (
  context: HeadContext,
) => Head<Target, Prediction, HeadOutput>;

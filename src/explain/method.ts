import type { HostTensor } from '../runtime/index.ts';

/** One value of all that is explained: the numbers of each part of an input, row by row. */
export type Point = readonly Float32Array[];

/** Numbers of one part of an input that an explanation is about. */
export interface SubjectPart {
  /** Its name in an example's record; absent where an example has one input. */
  readonly name?: string;
  /** The shape of its numbers, without the batch. */
  readonly shape: readonly number[];
  /** The first so many of these axes are places that a person sees. */
  readonly axes: number;
}

/** What a block of the trunk gave for the example, and how the outcome depends on it. */
export interface BlockActivations {
  /** `[positions, width]` */
  readonly tokens: HostTensor;
  /** The gradient of the outcome, of the same shape. */
  readonly gradient: Float32Array;
}

/** An example and one number that the network makes of it: what a method explains. */
export interface Subject {
  readonly parts: readonly SubjectPart[];
  /** The numbers of the example. */
  readonly input: Point;
  /** What it is compared with, at least one. */
  readonly baselines: readonly Point[];
  /** Gives the number at each of `count` points. */
  outputs(count: number, pointAt: (i: number) => Point): Promise<Float64Array>;
  /** Gives the gradient of the number at each of `count` points to `take`, in their order. It is gone after the call. */
  gradients(count: number, pointAt: (i: number) => Point, take: (i: number, gradient: Point) => void): Promise<void>;
  /** Gives the weights of attention of each block, `[heads, positions, positions]`; none where the trunk does not attend. */
  attention(): Promise<readonly HostTensor[]>;
  /** Gives what each block of the trunk gave, from the first on. */
  blocks(): Promise<readonly BlockActivations[]>;
}

/** A method says how much each number, or each place, of an input counts for one number that a network makes of it. */
export interface Method {
  /** Its kind, as errors and results name it. */
  readonly kind: string;
  /** Whether what it gives sums up to the difference between the outputs of the example and of the baselines (completeness). */
  readonly complete: boolean;
  /** It speaks of tokens alone. Default: of the input too. */
  readonly at?: 'tokens';
  /** It looks at the example alone. Default: it compares it with the baselines. */
  readonly alone?: true;
  /**
   * What a place with several numbers gets: the `sum` of their values, or the `norm`, of values that are slopes, whose signs cancel out.
   * Default `sum`.
   */
  readonly together?: 'sum' | 'norm';
  /** Gives, for each part, a value for each of its numbers or for each of its places. */
  attribute(subject: Subject): Promise<readonly Float64Array[]>;
}

/** How far the values of a method that is complete may be from summing up, as a part of the difference. */
export const COMPLETE = 0.01;

/** Counts the places of a part. */
export const countPlaces = ({ shape, axes }: Pick<SubjectPart, 'shape' | 'axes'>): number =>
  shape.slice(0, axes).reduce((a, b) => a * b, 1);

/** Zeros for each number of each part. */
export const zerosLike = (point: Point): Float64Array[] => point.map(({ length }) => new Float64Array(length));

/** Pixels from top to bottom, each row from left to right, three bytes each: red, green, blue. */
export interface Picture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** `[height, width, 3]` */
  readonly rgb: Uint8Array;
}

/** Pictures of one size, one after the other. */
export interface Film {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]` each. */
  readonly frames: readonly Uint8Array[];
  /** Frames shown in a second. */
  readonly perSecond: number;
  /** A few words to each frame. */
  readonly captions?: readonly string[];
}

/** What can be looked at or listened to. A size in pixels says nothing of the size on a screen: small ones are enlarged. */
export type DisplayPart =
  | ({ readonly kind: 'picture' } & Picture)
  | ({ readonly kind: 'film' } & Film)
  /** One channel, samples of at most 1 in size. */
  | { readonly kind: 'sound'; readonly sampleRate: number; readonly samples: Float32Array }
  /** Numbers in their order, for instance of a sensor. */
  | { readonly kind: 'curve'; readonly label: string; readonly values: Float32Array }
  | { readonly kind: 'words'; readonly text: string };

/** What a person can be shown of one example: parts that belong together. */
export type Display = readonly DisplayPart[];

/** A prediction in words, and how it compares with the target where there is one. */
export interface Explanation {
  readonly predicted: string;
  /** Probability that the network gives it, where it gives one. */
  readonly confidence?: number;
  /** The target in words. */
  readonly expected?: string;
  /** Whether the prediction is right, where that is a yes or a no. */
  readonly right?: boolean;
}

/** What acting with a network looked like. */
export interface Demonstration {
  readonly display: Display;
  /** How it ended, in a few words. */
  readonly words: string;
}

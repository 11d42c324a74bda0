/** A picture holds pixels from top to bottom, each row from left to right, three bytes each: red, green, blue. */
export interface Picture {
  /** The width in pixels. */
  readonly width: number;
  /** The height in pixels. */
  readonly height: number;
  /** `[height, width, 3]` */
  readonly rgb: Uint8Array;
}

/** A mark points out a thing in a picture, by a square around it. */
export interface Mark {
  /** Where its middle is, in pixels from the top of the picture, and from its left. */
  readonly row: number;
  readonly column: number;
  /** So many pixels it is high and wide. */
  readonly size: number;
  /** Things of one type have one colour. */
  readonly type: number;
  readonly name: string;
  /** A word beside it. */
  readonly label?: string;
  /** It speaks so much for what comes next, or against it where it is below 0. */
  readonly says?: number;
  /** Where it has been, rows and columns, the latest last. */
  readonly track?: readonly (readonly [row: number, column: number])[];
}

/** A film is pictures of one size, one after the other. */
export interface Film {
  readonly width: number;
  readonly height: number;
  /** Each frame is `[height, width, 3]`. */
  readonly frames: readonly Uint8Array[];
  /** So many frames are shown in a second. */
  readonly perSecond: number;
  /** Each frame has a few words. */
  readonly captions?: readonly string[];
  /** In each frame some things are pointed out. */
  readonly marks?: readonly (readonly Mark[])[];
}

/** A part of a display can be looked at or listened to. Its size in pixels says nothing of the size on a screen: small ones are enlarged. */
export type DisplayPart =
  | ({ readonly kind: 'picture' } & Picture)
  | ({ readonly kind: 'film' } & Film)
  /** A sound has one channel, and samples of at most 1 in size. */
  | { readonly kind: 'sound'; readonly sampleRate: number; readonly samples: Float32Array }
  /** A curve is numbers in their order, for instance of a sensor. */
  | { readonly kind: 'curve'; readonly label: string; readonly values: Float32Array }
  | { readonly kind: 'words'; readonly text: string };

/** A display is what a person can be shown of one example: parts that belong together. */
export type Display = readonly DisplayPart[];

/** Places are what a person sees of the numbers, or of the tokens, that an explanation is about, in their order. */
export type Places =
  /** A place is a part of a picture, which may be that of a sound. */
  | {
      readonly kind: 'picture';
      readonly picture: Picture;
      readonly sound?: { readonly sampleRate: number; readonly samples: Float32Array };
      /** Gives the number of the place that a pixel shows, by its row from the top and its column. */
      placeOf(row: number, column: number): number;
    }
  /** A place is a word, or a piece of one. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** A place is a column of a table, with what stands in its cell. */
  | { readonly kind: 'columns'; readonly columns: readonly { readonly name: string; readonly value: string }[] };

/** An explanation is a prediction in words, and how it compares with the target where there is one. */
export interface Explanation {
  readonly predicted: string;
  /** The network gives the prediction this probability, where it gives one. */
  readonly confidence?: number;
  /** The target in words. */
  readonly expected?: string;
  /** It says whether the prediction is right, where that is a yes or a no. */
  readonly right?: boolean;
}

/** A demonstration shows what acting with a network looked like. */
export interface Demonstration {
  readonly display: Display;
  /** They say how it ended, in a few words. */
  readonly words: string;
}

/** A reconstruction is a picture as it is drawn of its code. */
export interface Reconstruction {
  /** From 0 to 1, in the order of the picture. */
  readonly picture: Float32Array;
  /** What drew: `[height, width, channels]`, row by row; 0 where a token did not. */
  readonly code: {
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    readonly values: Float32Array;
  };
}

/** Settings of `reconstruction` by which its output becomes a picture. */
export interface DrawingSettings {
  readonly height: number;
  readonly width: number;
  readonly pool: number;
}

/** One sample of the head's output: logits of the pixels, and what drew. */
export interface DrawingOutput {
  readonly picture: Float32Array;
  readonly code: Float32Array;
}

/** Makes what draws the picture of its logits. */
export function decodeDrawing(settings: DrawingSettings): (output: DrawingOutput) => Reconstruction {
  const [height, width] = [settings.height, settings.width].map((size) => Math.ceil(size / settings.pool)) as [
    number,
    number,
  ];
  return ({ picture, code }) => ({
    picture: picture.map((logit) => 1 / (1 + Math.exp(-logit))),
    code: { height, width, channels: code.length / (height * width), values: code },
  });
}

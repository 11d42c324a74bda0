/** The likeliest class of each pixel. */
export interface Segmentation {
  /** `[height * width]`, row by row from the top. */
  readonly mask: Uint8Array;
}

/** Settings of `segmenter` by which scores become a mask. */
export interface MaskSettings {
  readonly height: number;
  readonly width: number;
}

/** Makes what tells the class of each pixel, of logits `[height, width, classes]`. */
export function decodeMask({ height, width }: MaskSettings): (logits: Float32Array) => Segmentation {
  return (logits) => ({ mask: likeliest(logits, logits.length / (height * width)) });
}

/** The likeliest class of each pixel, of logits `[pixels, classes]` in a row. */
export const likeliest = (logits: Float32Array, classes: number): Uint8Array =>
  Uint8Array.from({ length: logits.length / classes }, (_, pixel) => {
    const row = logits.subarray(pixel * classes, (pixel + 1) * classes);
    return row.reduce((best, x, i) => (x > row[best]! ? i : best), 0);
  });

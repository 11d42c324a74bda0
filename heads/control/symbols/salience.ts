/** A code is what an eye makes of a picture: `[height, width, channels]`, row by row. */
export interface Code {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float32Array;
}

/** A salient pixel of a code stands out; its channels are its spectrum. */
export interface SalientPixel {
  readonly row: number;
  readonly column: number;
  readonly spectrum: Float32Array;
}

export interface SalienceOptions {
  /** A pixel counts if its strongest channel is above this. Default 0. */
  readonly threshold?: number;
  /** It has to be as strong as all pixels that are so many rows and columns away. Default 1. */
  readonly radius?: number;
}

/**
 * Finds the pixels of a code that stand for objects, in reading order: those whose strongest channel is above a threshold, and nowhere
 * near surpassed (Garnelo, Arulkumaran and Shanahan 2016, section 3.1, who take all above the threshold). Of equals all stay.
 */
export function salientPixels(code: Code, { threshold = 0, radius = 1 }: SalienceOptions = {}): SalientPixel[] {
  const { height, width, channels, values } = code;
  const spectrumAt = (place: number) => values.subarray(place * channels, (place + 1) * channels);
  const strengths = Float32Array.from({ length: height * width }, (_, place) => Math.max(...spectrumAt(place)));
  const surpassed = (row: number, column: number) => {
    const strength = strengths[row * width + column]!;
    for (let r = Math.max(0, row - radius); r <= Math.min(height - 1, row + radius); r++)
      for (let c = Math.max(0, column - radius); c <= Math.min(width - 1, column + radius); c++)
        if (strengths[r * width + c]! > strength) return true;
    return false;
  };
  return [...strengths.keys()].flatMap((place) => {
    const [row, column] = [Math.floor(place / width), place % width];
    if (!(strengths[place]! > threshold) || surpassed(row, column)) return [];
    return [{ row, column, spectrum: spectrumAt(place) }];
  });
}

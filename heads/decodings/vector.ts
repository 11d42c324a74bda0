/** What an embedder makes of an example. */
export interface Embedding {
  /** It has the length 1: what belongs together has a large dot product. `nearest` compares them. */
  readonly vector: Float32Array;
}

/** Gives a vector `[size]` the length 1. */
export function decodeVector(output: Float32Array): Embedding {
  const length = Math.hypot(...output);
  return { vector: length === 0 ? output : output.map((x) => x / length) };
}

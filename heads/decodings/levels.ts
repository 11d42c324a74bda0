/** The level of one example. */
export interface Level {
  /** The level's number, from 0; the one that is exceeded with a probability of at most one half. */
  readonly class: number;
  /** There is one per level; their sum is 1. */
  readonly probabilities: Float32Array;
  /** The level's name, where `levels` gave names. */
  readonly label?: string;
}

/** Settings of `ordinal` by which scores become a level. */
export interface LevelsSettings {
  readonly levels?: readonly string[] | undefined;
}

/** Makes what tells the level of logits `[levels - 1]`. */
export function decodeLevels({ levels }: LevelsSettings): (logits: Float32Array) => Level {
  return (logits) => {
    // The probability of being above each level but the last: a product, so it never rises.
    let above = 1;
    const exceeding = Array.from(logits, (x) => (above *= 1 / (1 + Math.exp(-x))));
    const level = exceeding.filter((p) => p > 0.5).length;
    const probabilities = Float32Array.from(
      { length: logits.length + 1 },
      (_, i) => (exceeding[i - 1] ?? 1) - (exceeding[i] ?? 0),
    );
    const label = levels?.[level];
    return { class: level, probabilities, ...(label === undefined ? {} : { label }) };
  };
}

/** The tags of one example. */
export interface Tagging {
  /** Those whose probability is one half or more, in the order of the head's. */
  readonly tags: readonly string[];
  /** One for each of the head's tags. */
  readonly probabilities: Float32Array;
  /** All of the head's tags, in the order of the probabilities. */
  readonly names: readonly string[];
}

/** A tag is there from this probability on. */
const EVEN = 0.5;

/** Settings of `tags` by which scores become tags. */
export interface TagsSettings {
  readonly tags: readonly string[];
}

/** Makes what says which tags are there, of logits `[tags]`. */
export function decodeTags({ tags: names }: TagsSettings): (logits: Float32Array) => Tagging {
  return (logits) => {
    const probabilities = logits.map((x) => 1 / (1 + Math.exp(-x)));
    return { tags: names.filter((_, i) => probabilities[i]! >= EVEN), probabilities, names };
  };
}

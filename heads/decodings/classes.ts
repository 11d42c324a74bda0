export interface Classification {
  /** This is the likeliest class, and the first one of equals. */
  readonly class: number;
  /** There is one per class; their sum is 1. */
  readonly probabilities: Float32Array;
  /** The class's name, where `classes` gave names. */
  readonly label?: string;
}

/** Settings of `classifier` by which scores become a class. */
export interface ClassesSettings {
  readonly classes?: readonly string[] | undefined;
}

/** Makes what names the likeliest class of logits `[classes]`. */
export function decodeClasses({ classes }: ClassesSettings): (logits: Float32Array) => Classification {
  return (logits) => {
    const probabilities = softmax(logits);
    const best = probabilities.reduce((at, p, i) => (p > probabilities[at]! ? i : at), 0);
    const label = classes?.[best];
    return { class: best, probabilities, ...(label === undefined ? {} : { label }) };
  };
}

function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exponentials = Float64Array.from(logits, (x) => Math.exp(x - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return Float32Array.from(exponentials, (x) => x / sum);
}

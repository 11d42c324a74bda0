/** A number that is predicted. */
export interface Estimate {
  readonly value: number;
  /** The standard deviation that the network gives it, in the target's unit, with the loss `gaussian`. */
  readonly deviation?: number;
}

/** Several numbers that are predicted, in the order of the outputs. */
export interface Estimates {
  readonly values: Float32Array;
  /** The standard deviations that the network gives them, each in its target's unit, with the loss `gaussian`. */
  readonly deviations?: Float32Array;
}

/** The least spread that is told, in deviations of the target: the loss reckons with none below it. */
const LEAST_SPREAD = 1e-3;

/** Mean and deviation of what is predicted, one for each output. */
export type ScaleOfOutputs = { readonly mean: readonly number[]; readonly deviation: readonly number[] };

/** The way to and from units of the targets' deviation from their mean; as they are, without a scale. */
export function unitsOf({ mean, deviation }: ScaleOfOutputs = { mean: [], deviation: [] }) {
  // A target that is constant has no unit.
  const unitOf = (i: number) => deviation[i] || 1;
  const meanOf = (i: number) => mean[i] ?? 0;
  return {
    unitOf,
    scaled: (x: number, i: number) => (x - meanOf(i)) / unitOf(i),
    unscaled: (x: number, i: number) => meanOf(i) + unitOf(i) * x,
  };
}

export interface EstimatesSettings {
  readonly units: ReturnType<typeof unitsOf>;
  /** Whether the second half of the output says how far off the first may be. */
  readonly spread: boolean;
}

/** Makes what scales an output `[outputs]` back, with spread `[2 * outputs]`. */
export function decodeEstimates({ units, spread }: EstimatesSettings): (output: Float32Array) => Estimates {
  return (output) => {
    const size = spread ? output.length / 2 : output.length;
    const values = output.slice(0, size).map(units.unscaled);
    if (!spread) return { values };
    const spreadOf = (logVariance: number) => Math.max(LEAST_SPREAD, Math.exp(logVariance / 2));
    return { values, deviations: output.slice(size).map((x, i) => units.unitOf(i) * spreadOf(x)) };
  };
}

/** Makes the one number of one output. */
export const oneEstimate = ({ values, deviations }: Estimates): Estimate => ({
  value: values[0]!,
  ...(deviations === undefined ? {} : { deviation: deviations[0]! }),
});

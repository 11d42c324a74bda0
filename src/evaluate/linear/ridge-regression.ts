import type { Design } from './design.ts';
import { minimise, type Slope } from './lbfgs.ts';
import { CHOOSING, choosingRows, type LinearModel, modelOf, pointOf, scoresOf } from './linear-model.ts';

/**
 * What half the kernel's square counts beside half the mean squared error of standardised targets: tried from strong to weak, each from
 * where the last one ended. scikit-learn's alpha is strength times number of examples.
 */
const STRENGTHS = [1, 1e-1, 1e-2, 1e-3, 1e-4];
const PRECISION = { iterations: 100, tolerance: 1e-5 };

/** Targets `[rows, outputs]`, row-major; NaN where a number is missing. */
export interface Targets {
  readonly values: Float64Array;
  readonly outputs: number;
}

/**
 * Fits a linear regression with a penalty on the kernel's square (Hoerl and Kennard 1970). A tenth of the examples chooses the penalty's
 * strength by its squared error, then all of them are fitted with it. Every result follows from the examples alone.
 */
export function ridgeRegression(design: Design, targets: Targets): LinearModel {
  const { outputs } = targets;
  const scale = Array.from({ length: outputs }, (_, output) => spreadOf(column(targets, output)));
  const values = targets.values.map((value, i) => (value - scale[i % outputs]!.mean) / scale[i % outputs]!.deviation);
  const { kernel, bias } = chosen(design, { values, outputs });
  return {
    kernel: kernel.map((weight, i) => weight * scale[i % outputs]!.deviation),
    bias: bias.map((value, output) => value * scale[output]!.deviation + scale[output]!.mean),
  };
}

function chosen(design: Design, targets: Targets): LinearModel {
  const { rows } = design;
  const chooses = choosingRows(rows);
  let start: LinearModel | undefined;
  let best: { readonly error: number; readonly strength: number; readonly start?: LinearModel } = {
    error: Number.POSITIVE_INFINITY,
    strength: STRENGTHS[0]!,
  };
  // Too few to choose by: the strongest is taken.
  for (const strength of rows < CHOOSING ? [] : STRENGTHS) {
    start = ridge(design, targets, strength, start, (row) => !chooses[row]);
    const { errors } = errorsOf(design, targets, start, (row) => chooses[row]!);
    const error = errors.reduce((sum, e) => sum + e * e, 0);
    if (error > best.error) break;
    if (error < best.error) best = { error, strength, start };
  }
  return ridge(design, targets, best.strength, best.start);
}

/** Does the same with a known strength, of the rows that are taken, from where `start` is. */
export function ridge(
  design: Design,
  targets: Targets,
  strength: number,
  start?: LinearModel,
  taken: (row: number) => boolean = () => true,
): LinearModel {
  const { rows, columns } = design;
  const { outputs } = targets;
  const squares = design.squares(); // [columns]
  // The inverse of the curvature; a bias has a column of ones, and no penalty.
  const scale = Float32Array.from({ length: (columns + 1) * outputs }, (_, i) => {
    const at = Math.floor(i / outputs);
    return at === columns ? 1 : 1 / (squares[at]! / rows + strength);
  });
  const slopeAt = (at: Float32Array) => slopeOf(design, targets, strength, taken, modelOf(at, outputs));
  return modelOf(minimise(slopeAt, pointOf(scale.length, start), { ...PRECISION, scale }), outputs);
}

/** What is wrong with each prediction of the rows that are taken, 0 where the target is missing; and how many there are. */
function errorsOf(design: Design, targets: Targets, model: LinearModel, taken: (row: number) => boolean) {
  const errors = scoresOf(design, model); // [rows, outputs]
  let count = 0;
  for (let i = 0; i < errors.length; i++) {
    const target = targets.values[i]!;
    const counts = taken(Math.floor(i / targets.outputs)) && !Number.isNaN(target);
    if (counts) count++;
    errors[i] = counts ? errors[i]! - target : 0;
  }
  return { errors, count: Math.max(1, count) };
}

/** Half the mean squared error of the rows that are taken, plus the penalty; and its gradient. Outputs count by their mean. */
function slopeOf(
  design: Design,
  targets: Targets,
  strength: number,
  taken: (row: number) => boolean,
  model: LinearModel,
): Slope {
  const { outputs } = targets;
  const { errors, count } = errorsOf(design, targets, model, taken);
  const examples = count / outputs;
  const gradient = new Float32Array(model.kernel.length + outputs);
  const byKernel = design.transposedTimes(errors, outputs); // [columns, outputs]
  let penalty = 0;
  for (const [i, weight] of model.kernel.entries()) {
    gradient[i] = byKernel[i]! / examples + strength * weight;
    penalty += weight * weight;
  }
  let squares = 0;
  const byBias = new Float64Array(outputs);
  for (const [i, error] of errors.entries()) {
    byBias[i % outputs]! += error;
    squares += error * error;
  }
  for (let output = 0; output < outputs; output++) gradient[byKernel.length + output] = byBias[output]! / examples;
  return { value: (0.5 * squares) / examples + 0.5 * strength * penalty, gradient };
}

const column = ({ values, outputs }: Targets, output: number): readonly number[] =>
  Array.from(values.filter((value, i) => i % outputs === output && !Number.isNaN(value)));

/** Mean and deviation; a deviation of 1 for numbers that are all alike. */
function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 };
}

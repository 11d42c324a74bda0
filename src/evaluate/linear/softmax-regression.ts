import type { Design } from './design.ts';
import { minimise, type Slope } from './lbfgs.ts';
import { CHOOSING, choosingRows, type LinearModel, modelOf, pointOf, scoresOf } from './linear-model.ts';

/**
 * What half the kernel's square counts beside the mean cross-entropy: tried from strong to weak, each from where the last one
 * ended. scikit-learn's C is one over strength and number of examples.
 */
const STRENGTHS = [1e-2, 1e-3, 1e-4, 1e-5];
const PRECISION = { iterations: 50, tolerance: 1e-4 };

/**
 * Softmax regression with a penalty on the kernel's square. A tenth of the examples chooses the penalty's strength, then all of
 * them are fitted with it. Every result follows from the examples alone.
 */
export function softmaxRegression(design: Design, labels: Int32Array, classes: number): LinearModel {
  const { rows } = design;
  const chooses = choosingRows(rows);
  let start: LinearModel | undefined;
  let best: { readonly right: number; readonly strength: number; readonly start?: LinearModel } = {
    right: -1,
    strength: STRENGTHS[0]!,
  };
  // Too few to choose by: the strongest is taken.
  for (const strength of rows < CHOOSING ? [] : STRENGTHS) {
    start = regress(design, labels, classes, strength, start, (row) => !chooses[row]);
    const guesses = classify(design, start);
    const right = labels.filter((label, i) => chooses[i] && label === guesses[i]).length;
    if (right < best.right) break;
    if (right > best.right) best = { right, strength, start };
  }
  return regress(design, labels, classes, best.strength, best.start);
}

/** The same with a known strength, of the rows that are taken, from where `start` is. */
export function regress(
  design: Design,
  labels: Int32Array,
  classes: number,
  strength: number,
  start?: LinearModel,
  taken: (row: number) => boolean = () => true,
): LinearModel {
  const { rows, columns } = design;
  const squares = design.squares(); // [columns]
  // The inverse of the curvature where all classes are about as likely; a bias has a column of ones, and no penalty.
  const scale = Float32Array.from({ length: (columns + 1) * classes }, (_, i) => {
    const column = Math.floor(i / classes);
    return column === columns ? classes : 1 / (squares[column]! / rows / classes + strength);
  });
  const slopeAt = (at: Float32Array) => slopeOf(design, labels, classes, strength, taken, at);
  return modelOf(minimise(slopeAt, pointOf(scale.length, start), { ...PRECISION, scale }), classes);
}

/** The class of the largest score for each row; the first of equals. */
export function classify(design: Design, model: LinearModel): Int32Array {
  return largest(scoresOf(design, model), model.bias.length);
}

/** Mean cross-entropy of the rows that are taken, plus the penalty; and its gradient. */
function slopeOf(
  design: Design,
  labels: Int32Array,
  classes: number,
  strength: number,
  taken: (row: number) => boolean,
  point: Float32Array,
): Slope {
  const { rows } = design;
  const model = modelOf(point, classes);
  const errors = scoresOf(design, model); // [rows, classes]: scores, then what is wrong with the probabilities
  let [loss, count] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const scores = errors.subarray(row * classes, (row + 1) * classes);
    if (!taken(row)) {
      scores.fill(0);
      continue;
    }
    count++;
    const label = labels[row]!;
    let highest = scores[0]!;
    for (let c = 1; c < classes; c++) if (scores[c]! > highest) highest = scores[c]!;
    loss += highest - scores[label]!;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += scores[c] = Math.exp(scores[c]! - highest);
    loss += Math.log(sum);
    for (let c = 0; c < classes; c++) scores[c]! /= sum;
    scores[label]! -= 1;
  }
  const gradient = new Float32Array(point.length);
  const byKernel = design.transposedTimes(errors, classes); // [columns, classes]
  let square = 0;
  for (let i = 0; i < byKernel.length; i++) {
    const weight = model.kernel[i]!;
    gradient[i] = byKernel[i]! / count + strength * weight;
    square += weight * weight;
  }
  const byBias = new Float64Array(classes);
  for (let i = 0; i < errors.length; i++) byBias[i % classes]! += errors[i]!;
  for (let c = 0; c < classes; c++) gradient[byKernel.length + c] = byBias[c]! / count;
  return { value: loss / count + 0.5 * strength * square, gradient };
}

function largest(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[row * classes + c]! > scores[row * classes + best]!) best = c;
    return best;
  });
}

import { permute } from '../../random/index.ts';
import type { Design } from './design.ts';

/** Scores of an example are its row times `kernel [columns, outputs]` plus `bias [outputs]`. */
export interface LinearModel {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Of so many examples one chooses how strongly large weights are penalised. */
export const CHOOSING = 10;
const SEED = 0;

/** Draws the rows that choose the penalty: about a tenth, the same each time. */
export const choosingRows = (rows: number): readonly boolean[] =>
  Array.from({ length: rows }, (_, i) => permute(i, rows, SEED, 0) % CHOOSING === 0);

/** Reads a point as a model: it is the kernel, then the bias. */
export const modelOf = (point: Float32Array, outputs: number): LinearModel => ({
  kernel: point.subarray(0, -outputs),
  bias: point.subarray(-outputs),
});

/** Makes the point of so many numbers at which a search begins: a model's, or zeros. */
export function pointOf(size: number, model?: LinearModel): Float32Array {
  const point = new Float32Array(size);
  if (model !== undefined) {
    point.set(model.kernel);
    point.set(model.bias, model.kernel.length);
  }
  return point;
}

/** Gives the scores of each row: `[rows, outputs]`. */
export function scoresOf(design: Design, { kernel, bias }: LinearModel): Float32Array {
  const outputs = bias.length;
  const scores = design.times(kernel, outputs); // [rows, outputs]
  for (let i = 0; i < scores.length; i++) scores[i]! += bias[i % outputs]!;
  return scores;
}

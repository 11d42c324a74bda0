import * as tf from '@tensorflow/tfjs';

/** Examples as rows of numbers, however they are kept. Matrices are row-major. */
export interface Design {
  readonly rows: number;
  readonly columns: number;
  /** Sum of each column's squares: `[columns]`. */
  squares(): Float32Array;
  /** The rows times a kernel `[columns, classes]`: `[rows, classes]`. */
  times(kernel: Float32Array, classes: number): Float32Array;
  /** Transposed, times errors `[rows, classes]`: `[columns, classes]`. */
  transposedTimes(errors: Float32Array, classes: number): Float32Array;
}

/** Rows of which every number is kept: a tensor, which is the caller's to dispose. */
export function denseDesign(matrix: tf.Tensor2D): Design {
  const [rows, columns] = matrix.shape;
  const product = (other: Float32Array, length: number, classes: number, transposed: boolean) =>
    tf.tidy(
      () => tf.matMul(matrix, tf.tensor2d(other, [length, classes]), transposed, false).dataSync() as Float32Array,
    );
  return {
    rows,
    columns,
    squares: () => tf.tidy(() => matrix.square().sum(0).dataSync() as Float32Array), // [columns]
    times: (kernel, classes) => product(kernel, columns, classes, false), // [rows, classes]
    transposedTimes: (errors, classes) => product(errors, rows, classes, true), // [columns, classes]
  };
}

/** One row: the columns that are not 0, and what stands there. */
export interface SparseRow {
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Rows that are 0 nearly everywhere. */
export function sparseDesign(rows: readonly SparseRow[], columns: number): Design {
  return {
    rows: rows.length,
    columns,
    squares: () => {
      const sums = new Float32Array(columns);
      for (const row of rows) for (const [at, column] of row.columns.entries()) sums[column]! += row.values[at]! ** 2;
      return sums;
    },
    times: (kernel, classes) => {
      const product = new Float32Array(rows.length * classes);
      for (const [i, row] of rows.entries()) {
        for (let at = 0; at < row.columns.length; at++) {
          addRow(product, i, kernel, row.columns[at]!, row.values[at]!, classes);
        }
      }
      return product;
    },
    transposedTimes: (errors, classes) => {
      const product = new Float32Array(columns * classes);
      for (const [i, row] of rows.entries()) {
        for (let at = 0; at < row.columns.length; at++) {
          addRow(product, row.columns[at]!, errors, i, row.values[at]!, classes);
        }
      }
      return product;
    },
  };
}

/** Adds a row of one matrix, times a number, to a row of another. A function of its own, since nearly all time is spent in it. */
function addRow(
  to: Float32Array,
  row: number,
  from: Float32Array,
  other: number,
  times: number,
  classes: number,
): void {
  let [at, source] = [row * classes, other * classes];
  for (const end = at + classes; at < end; at++, source++) to[at]! += times * from[source]!;
}

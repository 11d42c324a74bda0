import * as tf from '@tensorflow/tfjs';
import type { BuiltTask, NetworkVariable } from '../../network/index.ts';

/** The gradients of one variable, kept on the device between the halves of a step. */
export interface Row {
  readonly variable: NetworkVariable;
  /** Numbers of the tasks that reach it. */
  readonly tasks: readonly number[];
  /** `[tasks, size]`, a row for each of them; where they need not be told apart `[1, size]`, their sum. */
  readonly rows: tf.Variable;
  /** Whether each task has its own row. */
  readonly each: boolean;
  /** Whether the row comes into the products that a method looks at. */
  readonly covered: boolean;
}

/** The tasks' gradients of one batch. */
export interface Rows {
  readonly id: number;
  readonly list: readonly Row[];
}

let count = 0;

/** Rows of zeros. `each`: which variables need a row for each task. The caller disposes them. */
export function makeRows(
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
  options: {
    readonly each: (variable: NetworkVariable, tasks: readonly number[]) => boolean;
    readonly covered: (variable: NetworkVariable, tasks: readonly number[]) => boolean;
  },
): Rows {
  const list = variables.map((variable): Row => {
    const own = reaching(variable, tasks);
    const each = options.each(variable, own);
    const zeros = tf.zeros([each ? own.length : 1, variable.variable.size]);
    const rows = tf.variable(zeros, false);
    zeros.dispose();
    return { variable, tasks: own, rows, each, covered: options.covered(variable, own) };
  });
  return { id: ++count, list };
}

export const disposeRows = (rows: Rows | undefined): void => tf.dispose(rows?.list.map((row) => row.rows) ?? []);

/** Numbers of the tasks whose loss depends on a variable: all for the column, else those of its stem or head. */
function reaching({ part }: NetworkVariable, tasks: readonly BuiltTask[]): readonly number[] {
  return [...tasks.keys()].filter((k) => {
    const { stem, part: head } = tasks[k]!;
    return part.startsWith('column-') || part === head || part === stem.part || part.startsWith(`${stem.part}/`);
  });
}

/** Which of all tasks the rows of a variable belong to: `[tasks, rows]`, 1 where they do. Multiplying puts rows in their places. */
export const placesOf = ({ tasks }: Row, all: number): tf.Tensor2D =>
  tf
    .oneHot(tf.tensor1d([...tasks], 'int32'), all)
    .transpose()
    .cast('float32') as tf.Tensor2D;

import { freemem } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { type BuiltTask, type NetworkVariable, scopesOf } from '../../network/index.ts';
import { isBelow, isTrunk, ownerOf } from '../../scope.ts';

/** How the tasks' gradients of one variable are kept. */
export interface GradientLayout {
  readonly variable: NetworkVariable;
  /** Positions of the tasks whose loss depends on it. */
  readonly tasks: readonly number[];
  /** Whether each of them has a row; else there is one, their sum. */
  readonly each: boolean;
  /** Whether the rows come into the products that a method looks at. */
  readonly covered: boolean;
  /** Whether the tasks' weights are for it; without them it is summed. */
  readonly weighed: boolean;
}

/** The tasks' gradients of one variable, on the device between the computations of a step. */
export interface TaskGradients extends GradientLayout {
  /** `[tasks, size]`, a row for each task of the layout, or `[1, size]`, their sum. */
  readonly rows: tf.Variable;
}

/** The Jacobian of one batch: the tasks' gradients, variable by variable. */
export interface Jacobian {
  /** Differs between any two: a graph holds the very rows. */
  readonly id: number;
  readonly list: readonly TaskGradients[];
}

/** What decides about a variable; `tasks`: positions of those that reach it. */
type Choice = (variable: NetworkVariable, tasks: readonly number[]) => boolean;

/** Lays out the gradients of `variables` for `tasks`. `weighed`: by default as `each`. */
export function layOut(
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
  choices: { readonly each: Choice; readonly covered: Choice; readonly weighed?: Choice },
): readonly GradientLayout[] {
  const { each, covered, weighed = each } = choices;
  return variables.map((variable) => {
    const reaching = tasksReaching(variable, tasks);
    return {
      variable,
      tasks: reaching,
      each: each(variable, reaching),
      covered: covered(variable, reaching),
      weighed: weighed(variable, reaching),
    };
  });
}

let count = 0;

/**
 * Makes rows of zeros. The caller disposes them.
 * @throws BanyanError `runtime` where they would not fit into memory.
 */
export function makeJacobian(layout: readonly GradientLayout[]): Jacobian {
  assertRoom(layout.reduce((sum, variable) => sum + 4 * product(shapeOf(variable)), 0));
  const rows = layout.map((variable) => {
    const zeros = tf.zeros([...shapeOf(variable)]);
    const variableRows = tf.variable(zeros, false);
    zeros.dispose();
    return variableRows;
  });
  return jacobianOf(layout, rows);
}

/** Makes a Jacobian of rows that are there, one tensor for each variable of the layout. */
export const jacobianOf = (layout: readonly GradientLayout[], rows: readonly tf.Variable[]): Jacobian => ({
  id: ++count,
  list: layout.map((variable, i) => ({ ...variable, rows: rows[i]! })),
});

export const rowsOf = ({ list }: Jacobian): readonly tf.Variable[] => list.map(({ rows }) => rows);

export const disposeJacobian = (jacobian: Jacobian | undefined): void =>
  tf.dispose(jacobian === undefined ? [] : [...rowsOf(jacobian)]);

/**
 * Gives the matrix `[tasks, rows]` that says which of all tasks a variable's rows belong to: 1 where they do. Multiplying puts
 * rows in their places.
 */
export const placesOf = ({ tasks }: GradientLayout, all: number): tf.Tensor2D =>
  tf
    .oneHot(tf.tensor1d([...tasks], 'int32'), all)
    .cast('float32')
    .transpose() as tf.Tensor2D;

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const shapeOf = ({ variable, tasks, each }: GradientLayout): readonly [rows: number, size: number] => [
  each ? tasks.length : 1,
  variable.tensor.size,
];

/** The largest share of the free memory that the rows may take. */
const SHARE = 0.5;

function assertRoom(bytes: number): void {
  // Newer than our types of Node.
  const available = (process as { availableMemory?(): number }).availableMemory?.() ?? freemem();
  if (bytes <= SHARE * available) return;
  const megabytes = (size: number) => `${Math.round(size / 2 ** 20)} MB`;
  throw new BanyanError(
    'runtime',
    `train: the tasks' gradients need ${megabytes(bytes)}, expected at most half of the ${megabytes(available)} that are free. Choose a method that needs losses alone and leave out compareGradientsEvery, or take a smaller trunk.`,
  );
}

/** Positions of the tasks whose loss depends on a variable: all for the trunk, else those of its stems, its head or their own part of a column. */
function tasksReaching({ scope }: NetworkVariable, tasks: readonly BuiltTask[]): readonly number[] {
  return [...tasks.keys()].filter((k) => {
    const { name, input, scope: head } = tasks[k]!;
    const isOfInput = scopesOf(input).some((stem) => scope === stem || isBelow(scope, stem));
    return isTrunk(scope) || ownerOf(scope) === name || scope === head || isOfInput;
  });
}

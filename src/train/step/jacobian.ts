import { freemem } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { BuiltTask, NetworkVariable } from '../../network/index.ts';
import { isTrunk, ownerOf } from '../../trunk/index.ts';

/** The gradients of one variable, kept on the device between the halves of a step. */
export interface TaskGradients {
  readonly variable: NetworkVariable;
  /** Numbers of the tasks that reach it. */
  readonly tasks: readonly number[];
  /** `[tasks, size]`, a row for each of them; where they need not be told apart `[1, size]`, their sum. */
  readonly rows: tf.Variable;
  /** Whether each task has its own row. */
  readonly each: boolean;
  /** Whether the row comes into the products that a method looks at. */
  readonly covered: boolean;
  /** Whether the tasks' weights are for it; without them it is summed. */
  readonly weighed: boolean;
}

/** The tasks' gradients of one batch. */
export interface Jacobian {
  readonly id: number;
  readonly list: readonly TaskGradients[];
}

let count = 0;

/**
 * Rows of zeros. `each`: which variables need a row for each task. The caller disposes them.
 * @throws BanyanError `runtime` where they would not fit into memory.
 */
export function makeJacobian(
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
  options: {
    readonly each: (variable: NetworkVariable, tasks: readonly number[]) => boolean;
    readonly covered: (variable: NetworkVariable, tasks: readonly number[]) => boolean;
    /** Default: as `each`. */
    readonly weighed?: (variable: NetworkVariable, tasks: readonly number[]) => boolean;
  },
): Jacobian {
  const plans = variables.map((variable) => {
    const own = reaching(variable, tasks);
    const each = options.each(variable, own);
    const covered = options.covered(variable, own);
    const weighed = options.weighed?.(variable, own) ?? each;
    return { variable, tasks: own, each, covered, weighed, count: each ? own.length : 1 };
  });
  checkMemory(plans.reduce((sum, { count, variable }) => sum + 4 * count * variable.variable.size, 0));
  const list = plans.map(({ count, ...plan }): TaskGradients => {
    const zeros = tf.zeros([count, plan.variable.variable.size]);
    const rows = tf.variable(zeros, false);
    zeros.dispose();
    return { ...plan, rows };
  });
  return { id: ++count, list };
}

/** The largest share of the memory that is there. */
const MOST = 0.5;

function checkMemory(bytes: number): void {
  // Newer than our types of Node.
  const available = (process as { availableMemory?(): number }).availableMemory?.() ?? freemem();
  if (bytes <= MOST * available) return;
  const megabytes = (of: number) => `${Math.round(of / 2 ** 20)} MB`;
  throw new BanyanError(
    'runtime',
    `train: the tasks' gradients need ${megabytes(bytes)}, expected at most half of the ${megabytes(available)} that are free. Choose a method that needs losses alone and leave out compareGradientsEvery, or take a smaller trunk.`,
  );
}

/** Whether these are the rows of exactly these variables. */
export const areRowsOf = ({ list }: Jacobian, variables: readonly NetworkVariable[]): boolean =>
  list.length === variables.length && list.every(({ variable }, i) => variable === variables[i]);

export const disposeJacobian = (rows: Jacobian | undefined): void =>
  tf.dispose(rows?.list.map((row) => row.rows) ?? []);

/** Numbers of the tasks whose loss depends on a variable: all for the trunk, else those of its stem, its head or its own part of a column. */
function reaching({ scope }: NetworkVariable, tasks: readonly BuiltTask[]): readonly number[] {
  return [...tasks.keys()].filter((k) => {
    const { name, stem, scope: head } = tasks[k]!;
    return (
      isTrunk(scope) ||
      ownerOf(scope) === name ||
      scope === head ||
      scope === stem.scope ||
      scope.startsWith(`${stem.scope}/`)
    );
  });
}

/** Which of all tasks the rows of a variable belong to: `[tasks, rows]`, 1 where they do. Multiplying puts rows in their places. */
export const placesOf = ({ tasks }: TaskGradients, all: number): tf.Tensor2D =>
  tf
    .oneHot(tf.tensor1d([...tasks], 'int32'), all)
    .cast('float32')
    .transpose() as tf.Tensor2D;

import * as tf from '@tensorflow/tfjs';
import type { BuiltTask, NetworkBody, Pass } from '../../network/index.ts';
import { isTrunk } from '../../scope.ts';
import { stackLosses, stackOwnLosses } from './gradients.ts';
import type { StepInputs } from './inputs.ts';
import { type Jacobian, placesOf, type TaskGradients } from './jacobian.ts';
import type { TakingPart, UpdatePlan } from './plan.ts';
import { holdStatistics } from './statistics.ts';

/** Sets the draws of one pass apart from another's. */
const PASS = 1 << 20;

export interface FillJacobianOptions {
  /** Adds the gradients to what stands in the rows. */
  readonly add: boolean;
  /** What part of its batch the inputs are. */
  readonly share: number;
}

/**
 * Writes each task's gradients into its rows: zeros for one that takes no part, where others do, and for what is frozen; what none of
 * those that take part depends on stays as it is. Returns the losses `[tasks]`, and the blocks' own `[passes]`, where there are any; of the
 * gradient of those each task of the pass that reaches a variable gets an equal share. A pass that several tasks share is gone
 * through once for each; in a graph that is one forward pass, since equal nodes are built once.
 */
export function fillJacobian(
  plan: TakingPart & Pick<UpdatePlan, 'body' | 'trainedBy'>,
  jacobian: Jacobian,
  inputs: StepInputs,
  { add, share }: FillJacobianOptions,
): { readonly losses: tf.Tensor1D; readonly auxiliary: tf.Tensor1D | undefined } {
  const { body, passes, trainedBy } = plan;
  const isTrained = ({ variable }: TaskGradients) => trainedBy.has(variable.name);
  const gradients = new Map<TaskGradients, Map<number, tf.Tensor>>(jacobian.list.map((entry) => [entry, new Map()]));
  const losses: tf.Scalar[] = [];
  const ownLosses: (tf.Scalar | undefined)[] = [];
  for (const [p, pass] of passes.entries()) {
    const statistics = pass.tasks.length === 1 ? undefined : holdStatistics(body);
    const begin = () => body.randomness.begin(inputs.key.add(tf.tensor1d([0, p * PASS], 'int32')) as tf.Tensor1D);
    let hasOwnLosses = false;
    for (const [t, task] of pass.tasks.entries()) {
      // Each time round the same draws, and running statistics move once.
      statistics?.restore();
      begin();
      const place = pass.places[t]!;
      const reached = jacobian.list.filter((entry) => entry.tasks.includes(place) && isTrained(entry));
      const { loss, gradientOf, hasOwn } = taskGradients(body, pass, task, t, inputs.passes[p]!, reached);
      for (const entry of reached)
        gradients.get(entry)!.set(place, gradientOf(entry) ?? tf.zeros([entry.variable.tensor.size]));
      losses.push(loss);
      hasOwnLosses ||= hasOwn;
    }
    if (hasOwnLosses) begin();
    const trained = new Map([...gradients].filter(([entry]) => isTrained(entry)));
    ownLosses.push(hasOwnLosses ? addOwnLosses(body, pass, inputs.passes[p]!, share, trained) : undefined);
  }
  for (const [entry, byTask] of gradients) {
    const { variable, each, tasks, rows } = entry;
    // A method that looks at the rows of what is frozen sees none.
    if (!isTrained(entry) && entry.covered) rows.assign(tf.zerosLike(rows));
    if (byTask.size === 0) continue;
    const flat = (gradient: tf.Tensor) => gradient.reshape([1, variable.tensor.size]);
    const zeros = () => tf.zeros([1, variable.tensor.size]);
    const batch = each
      ? tf.concat(
          tasks.map((place) => (byTask.has(place) ? flat(byTask.get(place)!) : zeros())),
          0,
        ) // [tasks, size]
      : tf.addN([...byTask.values()].map(flat)); // [1, size]
    rows.assign(add ? rows.add(batch) : batch);
  }
  return { losses: stackLosses(plan, losses), auxiliary: stackOwnLosses(ownLosses) };
}

/** Adds to the gradients of a pass's tasks their shares of that of the blocks' own losses, and gives the sum of those losses. */
function addOwnLosses(
  body: NetworkBody,
  pass: Pass,
  { inputs, labels }: StepInputs['passes'][number],
  share: number,
  gradients: ReadonlyMap<TaskGradients, Map<number, tf.Tensor>>,
): tf.Scalar {
  const reached = [...gradients].flatMap(([entry, byTask]) => {
    const places = pass.places.filter((place) => entry.tasks.includes(place));
    return places.length === 0 ? [] : [{ entry, byTask, places }];
  });
  const objective = () => {
    const encoded = body.encode(pass, inputs, true);
    for (const [t, task] of pass.tasks.entries()) body.output(task, encoded, labels[t]!.target);
    return encoded.auxiliary.sum()!.mul(share) as tf.Scalar;
  };
  // The same pass once more: running statistics have moved already.
  const statistics = holdStatistics(body);
  const variables = reached.map(({ entry }) => entry.variable.tensor);
  // None for a variable that none of these losses depends on.
  const { value, grads } = tf.engine().gradients(objective, variables, undefined, true) as {
    value: tf.Scalar;
    grads: (tf.Tensor | undefined)[];
  };
  statistics.restore();
  for (const [i, { byTask, places }] of reached.entries()) {
    const gradient = grads[i]?.flatten().div(places.length);
    if (gradient === undefined) continue;
    for (const place of places) byTask.set(place, byTask.get(place)!.flatten().add(gradient));
  }
  return value;
}

function taskGradients(
  body: NetworkBody,
  pass: Pass,
  task: BuiltTask,
  index: number,
  { inputs, labels }: StepInputs['passes'][number],
  reached: readonly TaskGradients[],
): { loss: tf.Scalar; gradientOf: (entry: TaskGradients) => tf.Tensor | undefined; hasOwn: boolean } {
  let kept: tf.Scalar | undefined;
  let hasOwn = false;
  const { grads } = tf.variableGrads(
    () => {
      // All of the pass, as in a step: running statistics of other tasks' own parts move in each round alike.
      const encoded = body.encode(pass, inputs, true);
      const loss = body.trainingLoss(task, encoded, labels[index]!);
      kept = tf.keep(loss);
      hasOwn = encoded.auxiliary.sum() !== undefined;
      return task.definition.weight === 1 ? loss : (loss.mul(task.definition.weight) as tf.Scalar);
    },
    reached.map(({ variable }) => variable.tensor),
  );
  // Kept for the tape alone: from here on it is like any other.
  const loss = kept!.clone();
  kept!.dispose();
  return { loss, gradientOf: ({ variable }) => grads[variable.tensor.name], hasOwn };
}

/**
 * Gives the products `[tasks, tasks]` of the tasks' gradients over what is covered: of `rows` with each other, or with `others`,
 * those of another batch.
 */
export function gradientProducts(rows: Jacobian, others: Jacobian, tasks: number): tf.Tensor2D {
  const terms = rows.list.flatMap((row, i) => (row.covered ? [productsOf(row, others.list[i]!, tasks)] : []));
  return tf.addN(terms) as tf.Tensor2D;
}

/** Gives the products `[tasks, tasks]` over each block of the column that the tasks share, by the block's scope. */
export function blockProducts({ list }: Jacobian, tasks: number): Record<string, tf.Tensor2D> {
  const terms = new Map<string, tf.Tensor2D[]>();
  for (const row of list) {
    const { scope } = row.variable;
    if (!isTrunk(scope)) continue;
    terms.set(scope, [...(terms.get(scope) ?? []), productsOf(row, row, tasks)]);
  }
  return Object.fromEntries([...terms].map(([scope, products]) => [scope, tf.addN(products) as tf.Tensor2D]));
}

function productsOf(row: TaskGradients, other: TaskGradients, tasks: number): tf.Tensor2D {
  const products: tf.Tensor2D = tf.matMul(matrixOf(row), matrixOf(other), false, true);
  if (row.tasks.length === tasks) return products;
  const places = placesOf(row, tasks); // [tasks, rows]
  return tf.matMul(tf.matMul(places, products), places, false, true);
}

/** `[rows, size]`. */
const matrixOf = ({ rows }: TaskGradients) => rows as tf.Tensor as tf.Tensor2D;

/** Combines a variable's covered rows number by number to `[size]`. `tasks`: whose rows these are; `present`: 1 for those that take part. */
export type Combination = (
  rows: tf.Tensor2D,
  tasks: readonly number[],
  present: tf.Tensor1D | undefined,
) => tf.Tensor1D;

/**
 * Combines the rows to one gradient a variable, in their order. `weights`: factors of the tasks' rows, `[tasks]`; `present`,
 * where not all tasks take part: 1 for those that do, else 0, `[tasks]`; `combination`: what combines covered rows instead. What
 * is not covered is summed.
 */
export function combineRows(
  { list }: Jacobian,
  weights: tf.Tensor1D,
  present: tf.Tensor1D | undefined,
  combination?: Combination,
): readonly tf.Tensor[] {
  const all = weights.shape[0];
  // Of values [tasks] those of the row's tasks, [1, rows].
  const pickFor = (row: TaskGradients, values: tf.Tensor1D) => {
    const line = values.reshape([1, all]) as tf.Tensor2D;
    return row.tasks.length === all ? line : tf.matMul(line, placesOf(row, all));
  };
  return list.map((row) => {
    const { shape } = row.variable.tensor;
    const matrix = matrixOf(row);
    if (!row.each && (present === undefined || row.tasks.length > 1)) return matrix.reshape(shape);
    if (row.covered && combination !== undefined) {
      const taking = present && (pickFor(row, present).flatten() as tf.Tensor1D);
      return combination(matrix, row.tasks, taking).reshape(shape);
    }
    const factors = row.weighed ? weights : (present ?? tf.onesLike(weights));
    return tf.matMul(pickFor(row, factors), matrix).reshape(shape);
  });
}

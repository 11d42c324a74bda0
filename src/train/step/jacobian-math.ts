import * as tf from '@tensorflow/tfjs';
import { type BuiltTask, inPlaces, type NetworkBody, type Pass } from '../../network/index.ts';
import { isTrunk } from '../../trunk/index.ts';
import { type Jacobian, placesOf, type TaskGradients } from './jacobian.ts';
import { holdStatistics } from './statistics.ts';
import type { StepInputs } from './step.ts';

/**
 * First half of a step: each task's own gradients go into their rows (`add`: onto what stands there). Returns the losses,
 * one a task. A pass that several tasks share is gone through once for each; in a graph that is one forward pass, since
 * equal nodes are built once.
 */
export function fillJacobian(
  body: NetworkBody,
  passes: readonly Pass[],
  rows: Jacobian,
  inputs: StepInputs,
  add: boolean,
): tf.Tensor1D {
  const gradients = new Map<TaskGradients, Map<number, tf.Tensor>>(rows.list.map((row) => [row, new Map()]));
  const losses: tf.Scalar[] = [];
  for (const [p, pass] of passes.entries()) {
    const statistics = pass.tasks.length === 1 ? undefined : holdStatistics(body);
    for (const [t, task] of pass.tasks.entries()) {
      // Each time round the same draws, and running statistics move once.
      statistics?.restore();
      body.randomness.begin(inputs.key.add(tf.tensor1d([0, p * PASS], 'int32')) as tf.Tensor1D);
      const place = pass.places[t]!;
      const own = rows.list.filter((row) => row.tasks.includes(place));
      const reached = taskGradients(body, pass, task, t, inputs.passes[p]!, own);
      for (const row of own) {
        gradients.get(row)!.set(place, reached.gradients.get(row) ?? tf.zeros([row.variable.variable.size]));
      }
      losses.push(reached.loss);
    }
  }
  for (const [row, given] of gradients) {
    const flat = (gradient: tf.Tensor) => gradient.reshape([1, row.variable.variable.size]);
    const own = row.each
      ? tf.concat(
          row.tasks.map((place) => flat(given.get(place)!)),
          0,
        ) // [tasks, size]
      : tf.addN([...given.values()].map(flat)); // [1, size]
    row.rows.assign(add ? row.rows.add(own) : own);
  }
  return tf.stack([...inPlaces(passes, losses)]) as tf.Tensor1D; // [tasks]
}

/** Sets the draws of one pass apart from another's. */
const PASS = 1 << 20;

function taskGradients(
  body: NetworkBody,
  pass: Pass,
  task: BuiltTask,
  index: number,
  { inputs, labels }: StepInputs['passes'][number],
  rows: readonly TaskGradients[],
): { loss: tf.Scalar; gradients: ReadonlyMap<TaskGradients, tf.Tensor> } {
  let loss: tf.Scalar | undefined;
  const { target, weights } = labels[index]!;
  const { grads } = tf.variableGrads(
    () => {
      // All of the pass, as in a step: running statistics of other tasks' own parts move in each round alike.
      const encoded = body.encode(pass, inputs, true);
      const sum = body.loss(task, body.output(task, encoded), target).mul(weights).sum() as tf.Scalar;
      loss = tf.keep(sum);
      return task.definition.weight === 1 ? sum : (sum.mul(task.definition.weight) as tf.Scalar);
    },
    rows.map(({ variable }) => variable.variable),
  );
  // Kept for the tape alone: from here on it is like any other.
  const value = loss!.clone();
  loss!.dispose();
  const gradients = new Map(
    rows.flatMap((row) =>
      grads[row.variable.variable.name] === undefined ? [] : [[row, grads[row.variable.variable.name]!] as const],
    ),
  );
  return { loss: value, gradients };
}

/** Products of the tasks' gradients `[tasks, tasks]` over what is covered; `others`: with those of another batch. */
export function products(rows: Jacobian, others: Jacobian, tasks: number): tf.Tensor2D {
  const terms = rows.list.flatMap((row, i) => (row.covered ? [productsOf(row, others.list[i]!, tasks)] : []));
  return tf.addN(terms) as tf.Tensor2D;
}

/** The products `[tasks, tasks]` over each part of the column that the tasks share alone, by its name. */
export function columnProducts(rows: Jacobian, tasks: number): Record<string, tf.Tensor2D> {
  const terms = new Map<string, tf.Tensor2D[]>();
  for (const row of rows.list) {
    const { scope } = row.variable;
    if (!isTrunk(scope)) continue;
    terms.set(scope, [...(terms.get(scope) ?? []), productsOf(row, row, tasks)]);
  }
  return Object.fromEntries([...terms].map(([part, list]) => [part, tf.addN(list) as tf.Tensor2D]));
}

function productsOf(row: TaskGradients, other: TaskGradients, tasks: number): tf.Tensor2D {
  const own = tf.matMul(row.rows as tf.Tensor as tf.Tensor2D, other.rows as tf.Tensor as tf.Tensor2D, false, true);
  if (row.tasks.length === tasks) return own as tf.Tensor2D;
  const places = placesOf(row, tasks); // [tasks, rows]
  return tf.matMul(tf.matMul(places, own), places, false, true);
}

/**
 * Second half: one gradient a variable, in their order. `weights`: factors of the tasks' rows, `[tasks]`; `present`, where not all
 * tasks take part: 1 for those that do, else 0, `[tasks]`; `coordinates`: what combines covered rows instead, number by number. What
 * is not covered is summed.
 */
export function combineRows(
  rows: Jacobian,
  weights: tf.Tensor1D,
  present: tf.Tensor1D | undefined,
  coordinates?: (rows: tf.Tensor2D, tasks: readonly number[], present: tf.Tensor1D | undefined) => tf.Tensor1D,
): readonly tf.Tensor[] {
  const all = weights.shape[0];
  // Of values [tasks] those of the row's tasks, [1, rows].
  const own = (row: TaskGradients, values: tf.Tensor1D) => {
    const line = values.reshape([1, all]) as tf.Tensor2D;
    return row.tasks.length === all ? line : tf.matMul(line, placesOf(row, all));
  };
  return rows.list.map((row) => {
    const { shape } = row.variable.variable;
    const matrix = row.rows as tf.Tensor as tf.Tensor2D; // [rows, size]
    if (!row.each && (present === undefined || row.tasks.length > 1)) return matrix.reshape(shape);
    if (row.covered && coordinates !== undefined) {
      const taking = present && (own(row, present).flatten() as tf.Tensor1D);
      return coordinates(matrix, row.tasks, taking).reshape(shape);
    }
    const factors = row.weighed ? weights : (present ?? tf.onesLike(weights));
    return tf.matMul(own(row, factors), matrix).reshape(shape);
  });
}

/**
 * The tasks' losses on one shared pass, and the products `[tasks, tasks]` of their gradients with respect to what the trunk gives;
 * nothing moves.
 */
export function activationProducts(
  body: NetworkBody,
  pass: Pass,
  inputs: StepInputs,
): { readonly losses: tf.Tensor1D; readonly products: tf.Tensor2D } {
  const statistics = holdStatistics(body);
  body.randomness.begin(inputs.key);
  const { inputs: batch, labels } = inputs.passes[0]!;
  const encoded = body.encode(pass, batch, true);
  // The same ones for all tasks.
  const tokens = encoded.tokensOf(pass.tasks[0]!);
  const losses: tf.Scalar[] = [];
  const gradients = pass.tasks.map((task, t) => {
    const { target, weights } = labels[t]!;
    const { value, grad } = tf.valueAndGrad((given) => {
      const loss = body.loss(task, body.output(task, encoded, given as tf.Tensor3D), target);
      return loss.mul(weights).sum();
    })(tokens);
    losses.push(value as tf.Scalar);
    return grad.mul(task.definition.weight).reshape([1, tokens.size]); // [1, batch * positions * width]
  });
  statistics.restore();
  const rows = tf.concat(gradients, 0) as tf.Tensor2D;
  return { losses: tf.stack(losses) as tf.Tensor1D, products: tf.matMul(rows, rows, false, true) };
}

/** The tasks' losses on a batch as in a training step, one each; nothing moves. */
export function lossesOf(body: NetworkBody, passes: readonly Pass[], inputs: StepInputs): tf.Tensor1D {
  const statistics = holdStatistics(body);
  body.randomness.begin(inputs.key);
  const losses = passes.flatMap((pass, p) => {
    const { inputs: batch, labels } = inputs.passes[p]!;
    const encoded = body.encode(pass, batch, true);
    return pass.tasks.map((task, t) => {
      const { target, weights } = labels[t]!;
      return body.loss(task, body.output(task, encoded), target).mul(weights).sum();
    });
  });
  statistics.restore();
  return tf.stack([...inPlaces(passes, losses)]) as tf.Tensor1D; // [tasks]
}

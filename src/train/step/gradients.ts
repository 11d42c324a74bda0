import * as tf from '@tensorflow/tfjs';
import type { NetworkBody, NetworkVariable } from '../../network/index.ts';
import { detached, labelled } from '../../runtime/index.ts';
import { isHead } from '../../scope.ts';
import type { StepInputs } from './inputs.ts';
import { inOrder, type TakingPart, type UpdatePlan } from './plan.ts';
import { holdStatistics } from './statistics.ts';

/** Gradients of those variables that a loss depends on. */
export interface Gradients {
  readonly variables: readonly NetworkVariable[];
  readonly gradients: readonly tf.Tensor[];
}

/** How the tasks' losses are weighed, where it is not equally. */
export interface LossWeighting {
  /**
   * Computes factors from the tasks' weighted losses, from what is known before, which is an input of the step, and from which
   * tasks take part (1, else 0); no gradient flows through them. Absent: that input is the factors.
   */
  readonly inGraph?:
    | ((losses: tf.Tensor1D, before: tf.Tensor1D | undefined, present: tf.Tensor1D) => tf.Tensor1D)
    | undefined;
  /** Whether heads get the gradients of their plain losses. */
  readonly headsApart?: boolean;
}

/**
 * Goes forward and backward: a pure function of the inputs over the variables (running statistics move). `losses`: `[tasks]`;
 * `auxiliary`: the blocks' own losses, `[passes]`, where there are any. `share`: what part of its batch the inputs are.
 */
export function gradientsOf(
  plan: TakingPart & Pick<UpdatePlan, 'body' | 'variables'>,
  inputs: StepInputs,
  weighting: LossWeighting = {},
  share = 1,
): Gradients & { readonly losses: tf.Tensor1D; readonly auxiliary: tf.Tensor1D | undefined } {
  const { body, passes, variables } = plan;
  let losses: tf.Scalar[] = [];
  let ownLosses: (tf.Scalar | undefined)[] = [];
  const objective = (weighed: boolean) => (): tf.Scalar => {
    body.randomness.begin(inputs.key);
    tf.dispose([losses, ownLosses]);
    losses = [];
    ownLosses = [];
    const terms: tf.Scalar[] = [];
    for (const [p, pass] of passes.entries()) {
      const { inputs: batch, labels } = inputs.passes[p]!;
      const encoded = body.encode(pass, batch, true);
      for (const [t, task] of pass.tasks.entries()) {
        const loss = body.trainingLoss(task, encoded, labels[t]!);
        losses.push(tf.keep(loss));
        terms.push(task.definition.weight === 1 ? loss : loss.mul(task.definition.weight));
      }
      const sum = encoded.auxiliary.sum();
      ownLosses.push(sum && tf.keep(share === 1 ? sum.clone() : (sum.mul(share) as tf.Scalar)));
    }
    const others = ownLosses.filter((loss) => loss !== undefined);
    const stacked = () => stackLosses(plan, terms);
    const factors = weighting.inGraph?.(detached(stacked()), inputs.factors, presentIn(plan, inputs)) ?? inputs.factors;
    const all = weighed && factors !== undefined ? [stacked().mul(factors).sum<tf.Scalar>()] : terms;
    return all.length + others.length === 1 ? all[0]! : (tf.addN([...all, ...others]) as tf.Scalar);
  };
  const gradients = new Map<string, tf.Tensor>();
  const differentiate = (weighed: boolean, over: readonly NetworkVariable[]) => {
    if (over.length === 0) return; // All of them are frozen.
    const list = over.map(({ tensor }) => tensor);
    const { grads } = tf.variableGrads(objective(weighed), list);
    for (const [name, gradient] of Object.entries(grads)) gradients.set(name, gradient);
  };
  if (weighting.headsApart) {
    // The same pass once more (once in a graph, where equal nodes are one), so running statistics move once.
    const statistics = holdStatistics(body);
    differentiate(
      false,
      variables.filter(({ scope }) => isHead(scope)),
    );
    statistics.restore();
    differentiate(
      true,
      variables.filter(({ scope }) => !isHead(scope)),
    );
  } else differentiate(true, variables);
  const reached = variables.filter(({ tensor }) => gradients.has(tensor.name));
  const stacked = stackLosses(plan, losses);
  const auxiliary = stackOwnLosses(ownLosses);
  tf.dispose([losses, ownLosses]);
  return {
    losses: stacked,
    auxiliary,
    variables: reached,
    gradients: reached.map(({ tensor }) => gradients.get(tensor.name)!),
  };
}

/** Stacks losses that stand pass by pass in the order of the tasks, `[tasks]`; 0 for those that take no part. */
export const stackLosses = (plan: TakingPart, losses: readonly tf.Scalar[]): tf.Tensor1D =>
  tf.stack([...inOrder(plan, losses, () => tf.scalar(0))]) as tf.Tensor1D;

/** Stacks the sums of the blocks' own losses on each pass, `[passes]`, 0 for a pass without; undefined where there are none at all. */
export const stackOwnLosses = (sums: readonly (tf.Scalar | undefined)[]): tf.Tensor1D | undefined =>
  sums.every((sum) => sum === undefined)
    ? undefined
    : (tf.stack(sums.map((sum) => sum ?? tf.scalar(0))) as tf.Tensor1D);

/** `[tasks]`: 1 for a task with a weight and with a label in the batch, else 0. */
function presentIn(plan: TakingPart, inputs: StepInputs): tf.Tensor1D {
  const present = plan.passes.flatMap(({ tasks }, p) =>
    tasks.map(({ definition }, t) => inputs.passes[p]!.labels[t]!.weights.max().mul(definition.weight).greater(0)),
  );
  return tf.stack([...inOrder<tf.Tensor>(plan, present, () => tf.scalar(false))]).cast('float32') as tf.Tensor1D;
}

/**
 * Adds the gradients of the penalties on weights that are trained to those of the tasks' losses. Penalties count once an update,
 * not once a micro-batch or a task.
 */
export function withPenalties(
  { store: { penalties } }: Pick<NetworkBody, 'store'>,
  trained: readonly NetworkVariable[],
  { variables, gradients }: Gradients,
): Gradients {
  if (penalties.length === 0) return { variables, gradients };
  const sum = () => tf.addN(penalties.map(({ scope, term }) => labelled(`${scope}/penalty`, term))) as tf.Scalar;
  // None for a variable that no penalty is on.
  const { grads } = tf.engine().gradients(
    sum,
    trained.map(({ tensor }) => tensor),
    undefined,
    true,
  ) as { grads: (tf.Tensor | undefined)[] };
  const ofLosses = new Map(variables.map((variable, i) => [variable, gradients[i]!]));
  const both = trained.flatMap((variable, i) => {
    const [loss, penalty] = [ofLosses.get(variable), grads[i] ?? undefined];
    const gradient = loss === undefined ? penalty : penalty === undefined ? loss : loss.add(penalty);
    return gradient === undefined ? [] : [{ variable, gradient }];
  });
  return { variables: both.map(({ variable }) => variable), gradients: both.map(({ gradient }) => gradient) };
}

import * as tf from '@tensorflow/tfjs';
import {
  type HostPass,
  type HostTensor,
  inPlaces,
  type NetworkBody,
  type NetworkVariable,
  type Pass,
  stemsOf,
} from '../../network/index.ts';
import { clipByGlobalNorm, type Optimizer, type Update } from '../../optimise/index.ts';
import { stepKey } from '../../random/index.ts';
import { detached, labelled } from '../../runtime/index.ts';
import { holdStatistics } from './statistics.ts';

/** Everything in a step that changes from one to the next; what a compiled step takes as its inputs. */
export interface StepInputs {
  readonly passes: readonly {
    /** The batch as each stem takes it that it goes through. */
    readonly inputs: readonly tf.Tensor[];
    readonly labels: readonly { readonly target: tf.Tensor; readonly weights: tf.Tensor1D }[];
  }[];
  readonly learningRate: tf.Scalar;
  /** Number of the update, 1 for the first, float32. */
  readonly step: tf.Scalar;
  /** Key of the step's random draws, int32 `[2]`. */
  readonly key: tf.Tensor1D;
  /** Factors of the tasks' losses, `[tasks]`, where a weighting gives them. */
  readonly factors?: tf.Tensor1D | undefined;
}

/** 1 / labelled examples for each labelled sample, 0 for the others: the weighted sum is then their mean. */
function weightsOf(labelled: Float32Array): Float32Array {
  const count = labelled.reduce((a, b) => a + b, 0);
  return count === 0 ? labelled : labelled.map((one) => one / count);
}

const float = (shape: readonly number[], values: Float32Array): HostTensor => ({ shape, dtype: 'float32', values });

/** Which of how many parts of a batch, which are worked through one after the other. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** A part of a tensor's samples. */
function partOf({ shape, dtype, values }: HostTensor, { index, of }: Part): HostTensor {
  const size = values.length / of;
  const part = values.subarray(index * size, (index + 1) * size);
  return { shape: [shape[0]! / of, ...shape.slice(1)], dtype, values: part } as HostTensor;
}

/** The inputs as one list of numbers on the host. A sample's weight is the one it has in the whole batch. */
export function hostInputs(
  passes: readonly HostPass[],
  learningRate: number,
  step: number,
  seed: number,
  part: Part,
  factors?: Float64Array,
  stream = 0,
): readonly HostTensor[] {
  const batches = passes.flatMap(({ inputs, labels }) => [
    ...inputs,
    ...labels.flatMap(({ target, labelled }) => [target, float([labelled.length], weightsOf(labelled))]),
  ]);
  return [
    ...(part.of === 1 ? batches : batches.map((tensor) => partOf(tensor, part))),
    float([], Float32Array.of(learningRate)),
    float([], Float32Array.of(step)),
    { shape: [2], dtype: 'int32', values: stepKey(seed, step, stream + part.index) },
    ...(factors === undefined ? [] : [float([factors.length], Float32Array.from(factors))]),
  ];
}

/** The same list as tensors, with their names again. */
export function stepInputs(passes: readonly Pass[], tensors: readonly tf.Tensor[]): StepInputs {
  const rest = tensors.values();
  const next = <T extends tf.Tensor>() => rest.next().value as T;
  return {
    passes: passes.map(({ stem, tasks }) => ({
      inputs: stemsOf(stem).map(() => next()),
      labels: tasks.map(() => ({ target: next(), weights: next<tf.Tensor1D>() })),
    })),
    learningRate: next(),
    step: next(),
    key: next(),
    factors: rest.next().value as tf.Tensor1D | undefined,
  };
}

export interface Gradients {
  /** One number a task, `[tasks]`. */
  readonly losses: tf.Tensor1D;
  readonly variables: readonly NetworkVariable[];
  readonly gradients: readonly tf.Tensor[];
}

/** How the tasks' losses are weighed, where it is not equally. */
export interface LossWeighting {
  /**
   * Factors that follow from the tasks' weighted losses, from what is known before, which is an input of the step, and from which
   * tasks take part (1, else 0); no gradient flows through them. Absent: that input is the factors.
   */
  readonly inGraph?:
    | ((losses: tf.Tensor1D, known: tf.Tensor1D | undefined, present: tf.Tensor1D) => tf.Tensor1D)
    | undefined;
  /** Heads get the gradients of their plain losses. */
  readonly headsApart?: boolean;
}

/** `[tasks]`: 1 for a task with a weight and with a label in the batch, else 0. */
function presentIn(passes: readonly Pass[], inputs: StepInputs): tf.Tensor1D {
  const present = passes.flatMap(({ tasks }, p) =>
    tasks.map(({ definition }, t) => inputs.passes[p]!.labels[t]!.weights.max().mul(definition.weight).greater(0)),
  );
  return tf.stack([...inPlaces(passes, present)]).cast('float32') as tf.Tensor1D;
}

/** Forward and backward: a pure function of the inputs over the variables (running statistics move). */
export function gradientsOf(
  body: NetworkBody,
  passes: readonly Pass[],
  variables: readonly NetworkVariable[],
  inputs: StepInputs,
  weighting: LossWeighting = {},
): Gradients {
  let losses: tf.Scalar[] = [];
  const objective = (weighed: boolean) => (): tf.Scalar => {
    body.randomness.begin(inputs.key);
    tf.dispose(losses);
    losses = [];
    const terms: tf.Scalar[] = [];
    for (const [p, pass] of passes.entries()) {
      const { inputs: batch, labels } = inputs.passes[p]!;
      const encoded = body.encode(pass, batch, true);
      for (const [t, task] of pass.tasks.entries()) {
        const { target, weights } = labels[t]!;
        const output = body.output(task, encoded);
        const loss = body.loss(task, output, target).mul(weights).sum() as tf.Scalar;
        losses.push(tf.keep(loss));
        terms.push(task.definition.weight === 1 ? loss : loss.mul(task.definition.weight));
      }
    }
    const stacked = () => tf.stack([...inPlaces(passes, terms)]) as tf.Tensor1D; // [tasks]
    const factors =
      weighting.inGraph?.(detached(stacked()), inputs.factors, presentIn(passes, inputs)) ?? inputs.factors;
    if (weighed && factors !== undefined) return stacked().mul(factors).sum();
    return terms.length === 1 ? terms[0]! : (tf.addN(terms) as tf.Scalar);
  };
  const grads: Record<string, tf.Tensor> = {};
  const differentiate = (weighed: boolean, over: readonly NetworkVariable[]) =>
    Object.assign(
      grads,
      tf.variableGrads(
        objective(weighed),
        over.map(({ variable }) => variable),
      ).grads,
    );
  if (weighting.headsApart) {
    // The same pass once more (once in a graph, where equal nodes are one), so running statistics move once.
    const statistics = holdStatistics(body);
    const isHead = ({ scope }: NetworkVariable) => scope.startsWith('head/');
    differentiate(false, variables.filter(isHead));
    statistics.restore();
    differentiate(
      true,
      variables.filter((variable) => !isHead(variable)),
    );
  } else differentiate(true, variables);
  const reached = variables.filter((v) => grads[v.variable.name] !== undefined);
  const gradients = reached.map((v) => grads[v.variable.name]!);
  const stacked = tf.stack([...inPlaces(passes, losses)]) as tf.Tensor1D; // [tasks]
  tf.dispose(losses);
  return { losses: stacked, variables: reached, gradients };
}

/**
 * Gradients of the whole objective: those of the tasks' losses, and of the penalties on weights that are trained. These count
 * once an update, not once a part of its batch or a task.
 */
export function withPenalties(
  body: NetworkBody,
  trained: readonly NetworkVariable[],
  { variables, gradients }: Pick<Gradients, 'variables' | 'gradients'>,
): Pick<Gradients, 'variables' | 'gradients'> {
  const { penalties } = body.store;
  if (penalties.length === 0) return { variables, gradients };
  const sum = () => tf.addN(penalties.map(({ part, term }) => labelled(`${part}/penalty`, term))) as tf.Scalar;
  // None for a variable that no penalty is on.
  const { grads } = tf.engine().gradients(
    sum,
    trained.map(({ variable }) => variable),
    undefined,
    true,
  ) as { grads: (tf.Tensor | undefined)[] };
  const known = new Map(variables.map((variable, i) => [variable, gradients[i]!]));
  const both = trained.flatMap((variable, i) => {
    const [own, penalty] = [known.get(variable), grads[i] ?? undefined];
    const gradient = own === undefined ? penalty : penalty === undefined ? own : own.add(penalty);
    return gradient === undefined ? [] : [{ variable, gradient }];
  });
  return { variables: both.map(({ variable }) => variable), gradients: both.map(({ gradient }) => gradient) };
}

/** Per-variable state of the optimiser. */
export type Slots = ReadonlyMap<string, Readonly<Record<string, tf.Variable>>>;

/** What of a variable's update is its own: a learning-rate factor, and how many updates were made before it joined. */
export interface UpdateTerms {
  readonly factor: number;
  readonly joined: number;
}

/** The optimiser's update of every variable that has a gradient, clipped. Gives the gradient's norm before clipping. */
export function applyGradients(
  optimizer: Optimizer,
  slots: Slots,
  { variables, gradients }: Pick<Gradients, 'variables' | 'gradients'>,
  inputs: Pick<StepInputs, 'learningRate' | 'step'>,
  termsOf: (variable: NetworkVariable) => UpdateTerms,
  clip: number,
): tf.Scalar {
  const { clipped, norm } = clipByGlobalNorm(gradients, clip);
  const together = clip < Number.POSITIVE_INFINITY;
  const updates = new Map<string, Update>();
  for (const [i, variable] of variables.entries()) {
    const { factor, joined } = termsOf(variable);
    const key = `${factor} ${joined}`;
    let update = updates.get(key);
    if (update === undefined) {
      const learningRate = factor === 1 ? inputs.learningRate : (inputs.learningRate.mul(factor) as tf.Scalar);
      const step = joined === 0 ? inputs.step : (inputs.step.sub(joined) as tf.Scalar);
      update = optimizer.prepare({ learningRate, step, together });
      updates.set(key, update);
    }
    update(variable.variable, clipped[i]!, slots.get(variable.name)!, variable.decay);
  }
  return norm;
}

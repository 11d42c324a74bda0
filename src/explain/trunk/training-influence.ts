import * as tf from '@tensorflow/tfjs';
import { check, count } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { spearman } from '../../evaluate/metrics/spearman.ts';
import {
  type AnyNetwork,
  assembleInputs,
  type BuiltTask,
  collateTargets,
  type HostTensor,
  internals,
  type LabelledExample,
  labelledExamples,
  type NetworkBody,
  passOf,
} from '../../network/index.ts';
import { checkSeed, RandomStream } from '../../random/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { columnScope } from '../../scope.ts';
import { shuffled } from './shuffle.ts';

/** A network as it was at a checkpoint of its training. */
export interface TracedCheckpoint {
  /** Whoever gives it frees it. */
  readonly network: AnyNetwork;
  /** The learning rate that the trunk had there. */
  readonly learningRate: number;
}

/** What one training example did to an example of another task, or of its own. */
export interface TracedExample {
  /** What the example is called, such as `training example 12`. */
  readonly name: string;
  /** The raw input and the label. */
  readonly input: unknown;
  readonly target: unknown;
  /**
   * By how much learning from it lowers the loss of the other example, to the first order, summed over the checkpoints: above 0 it has
   * helped, below 0 it has hurt.
   */
  readonly influence: number;
  /** The same with the label of another training example. */
  readonly control: number;
}

/** The training examples of one task, and what they did to one example. */
export interface TrainingInfluence {
  /** The task whose training examples are looked at. */
  readonly of: string;
  /** The task of the example. */
  readonly on: string;
  /** What helped most comes first, what hurt most comes last. */
  readonly examples: readonly TracedExample[];
  /** 95 in 100 examples with a label of another have an influence of at most this size. */
  readonly common: number;
  /**
   * How alike the order of the examples is where the network has random weights: Spearman's correlation, -1 to 1, with an `untrained`
   * network. Near 1, the order tells of the examples and of how the network is built, and of nothing that was learned.
   */
  readonly alike?: number;
}

export interface TrainingInfluenceOptions {
  /** The task whose training examples are looked at. */
  readonly of: string;
  /** The task of the example. */
  readonly on: string;
  /** Its raw input and its label. */
  readonly example: { readonly input: unknown; readonly target: unknown };
  /** So many training examples are looked at, drawn from all of them. Default 128. */
  readonly examples?: number;
  /** The same network with random weights, a control (Adebayo et al. 2018). */
  readonly untrained?: AnyNetwork;
  /** The seed by which labels are shuffled. Default 0. */
  readonly seed?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

const COMMON = 0.95;

/**
 * Says which training examples of one task helped or hurt an example of another, through the trunk that both share (TracIn: Pruthi, Liu,
 * Kale and Sundararajan 2020, "Estimating Training Data Influence by Tracing Gradient Descent", equation 2 over checkpoints): the sum over the
 * checkpoints of the learning rate times the inner product of both losses' gradients by the trunk's weights. What differs: the trunk alone is
 * looked at, since stems and heads of two tasks share nothing; and it is that of plain gradient descent, whatever the optimiser.
 * @param checkpoints one after another, so that each can be loaded when its turn comes.
 * @throws BanyanError as `Network.predict`; `argument` for tasks of different columns, and for no checkpoint; `data` for a task without
 * labelled training examples.
 */
export async function trainingInfluence(
  checkpoints: Iterable<TracedCheckpoint> | AsyncIterable<TracedCheckpoint>,
  options: TrainingInfluenceOptions,
): Promise<TrainingInfluence> {
  const { of, on, examples: wanted = 128, seed = 0, untrained } = options;
  check('trainingInfluence', { examples: wanted }, count);
  checkSeed('trainingInfluence: seed', seed);
  let examples: readonly LabelledExample[] | undefined;
  let others: readonly LabelledExample[] = [];
  let sums: { own: Float64Array; control: Float64Array } | undefined;
  for await (const { network, learningRate } of checkpoints) {
    const { body, lease } = internals(network);
    await lease.use(async () => {
      examples ??= await labelledExamples(body, body.task(of), 'training', wanted);
      if (sums === undefined) others = shuffled(examples, new RandomStream(seed, 'explain/training-influence'));
      sums ??= { own: new Float64Array(examples.length), control: new Float64Array(examples.length) };
      const labels = examples.map(({ target }, i) => [target, others[i]!.target]);
      const products = await productsOf(body, options, examples, labels);
      for (const [i, [own, control]] of products.entries()) {
        sums.own[i]! += learningRate * own!;
        sums.control[i]! += learningRate * control!;
      }
    });
  }
  if (examples === undefined || sums === undefined) {
    throw new BanyanError(
      'argument',
      'trainingInfluence: expected at least one checkpoint, received none. Train with checkpoints, or give the trained network.',
    );
  }
  const alike = untrained === undefined ? undefined : await likeness(untrained, options, examples, sums.own);
  const sizes = sums.control.map(Math.abs).sort();
  const { own, control } = sums;
  const traced = examples.map(({ input, target, place }, i) => ({
    ...{ name: place, input, target, influence: own[i]!, control: control[i]! },
  }));
  return {
    of,
    on,
    examples: traced.sort((a, b) => b.influence - a.influence),
    common: sizes[Math.ceil(COMMON * sizes.length) - 1]!,
    ...(alike === undefined ? {} : { alike }),
  };
}

/** Compares the order of the examples with that in a network with random weights. */
async function likeness(
  untrained: AnyNetwork,
  options: TrainingInfluenceOptions,
  examples: readonly LabelledExample[],
  influences: Float64Array,
): Promise<number> {
  const { body, lease } = internals(untrained);
  const labels = examples.map(({ target }) => [target]);
  const products = await lease.use(() => productsOf(body, options, examples, labels));
  const correlation = spearman();
  for (const [i, [own]] of products.entries()) correlation.update(influences[i]!, own!);
  return correlation.result();
}

/** Gives for each training example the inner products of its gradients with that of the example: one for each of the labels that it is given. */
async function productsOf(
  body: NetworkBody,
  { of, on, example, compile = 'auto' }: TrainingInfluenceOptions,
  examples: readonly LabelledExample[],
  labels: readonly (readonly unknown[])[],
): Promise<readonly (readonly number[])[]> {
  const [trained, looked] = [body.task(of), body.task(on)];
  const { column } = trained.input;
  if (looked.input.column !== column) {
    throw new BanyanError(
      'argument',
      `trainingInfluence: the tasks ${of} and ${on} lie in different columns and share no weights. Name two tasks of one column.`,
    );
  }
  const weights = body.store.of(columnScope(column)).flatMap(({ trainable, tensor }) => (trainable ? [tensor] : []));
  const gradientsOf = (task: BuiltTask, inputs: readonly tf.Tensor[], target: tf.Tensor): tf.Tensor[] => {
    const loss = () => {
      const encoded = body.encode(passOf(task), inputs, false);
      return body.loss(task, body.output(task, encoded, target), target).sum() as tf.Scalar;
    };
    const { grads } = tf.engine().gradients(loss, weights, undefined, true) as { grads: (tf.Tensor | undefined)[] };
    return grads.map((gradient, i) => gradient ?? tf.zerosLike(weights[i]!));
  };
  const results = await body.compute(
    {
      kind: 'explain',
      key: ['training-influence', 'on', on],
      inputs: [...inputsOf(looked, example.input, 'the example'), labelOf(looked, example.target)],
      trace: (tensors) =>
        Object.fromEntries(
          gradientsOf(looked, tensors.slice(0, -1), tensors.at(-1)!).map((gradient, i) => [String(i), gradient]),
        ),
    },
    compile,
  );
  const direction = weights.map((_, i) => results[String(i)]!);
  const products: number[][] = [];
  for (const [i, { input, place }] of examples.entries()) {
    const targets = labels[i]!.map((label) => labelOf(trained, label));
    const { product } = await body.compute(
      {
        kind: 'explain',
        key: ['training-influence', 'of', of, targets.length],
        inputs: [...inputsOf(trained, input, place), ...targets, ...(direction as readonly HostTensor[])],
        trace: (tensors) => {
          const rest = tensors.length - weights.length;
          const [inputs, given] = [tensors.slice(0, rest - targets.length), tensors.slice(rest - targets.length, rest)];
          const along = tensors.slice(rest);
          const ofLabel = (label: tf.Tensor) =>
            tf.addN(gradientsOf(trained, inputs, label).map((gradient, w) => gradient.mul(along[w]!).sum()));
          return { product: tf.stack(given.map(ofLabel)) };
        },
      },
      compile,
    );
    products.push(Array.from(product!.values as Float32Array));
  }
  return products;
}

const inputsOf = (task: BuiltTask, raw: unknown, place: string): readonly HostTensor[] =>
  assembleInputs(task.name, task.input, [raw], () => place);

const labelOf = (task: BuiltTask, target: unknown): HostTensor =>
  collateTargets(task.name, task.label, [target]).target;

import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import {
  type BuiltTask,
  collateTargets,
  measuredSplit,
  measuringContext,
  type Network,
  pickTarget,
  placesIn,
  prepareInput,
  readExamples,
} from '../network/index.ts';
import { adam } from '../optimise/index.ts';
import { permute } from '../random/index.ts';
import type { Stem, TypedArray } from '../task/contract.ts';
import type { Split } from '../task/source.ts';

/** Examples a baseline looks at, of each split. */
const MOST = 10_000;
const CHUNK = 500;
const STEPS = 1500;
const BATCH = 128;
const WEIGHT_DECAY = 1e-3;
const SEED = 0;

interface Labelled {
  readonly inputs: readonly TypedArray[];
  readonly classes: Int32Array;
}

/** Prepared examples that have a label, at most `MOST`, the beginning of a shuffle of the split. */
async function readLabelled(network: Network, built: BuiltTask, split: Split): Promise<Labelled> {
  const { source } = built.task;
  const { dtype, shape } = built.label;
  if (dtype !== 'int32' || shape.length > 0) {
    throw new BanyanError(
      'argument',
      `Task "${built.name}" is no classification: expected a head whose label is one int32 class, received ${dtype} of shape [${shape.join(', ')}]. Choose another task.`,
    );
  }
  const context = measuringContext(network);
  const count = Math.min(MOST, source.counts[split]);
  const inputs: TypedArray[] = [];
  const classes: number[] = [];
  for (let start = 0; start < count; start += CHUNK) {
    const indices = Array.from({ length: Math.min(CHUNK, count - start) }, (_, i) =>
      Number.isFinite(source.counts[split]) ? permute(start + i, source.counts[split], SEED, 0) : start + i,
    );
    const placeOf = placesIn(split, indices);
    const examples = await readExamples(built.name, source, split, indices, context);
    const targets = examples.map(({ target }, i) => pickTarget(built.task, target, placeOf(i)));
    const { target, labelled } = collateTargets(built.name, built.label, targets, placeOf);
    for (const [i, { input }] of examples.entries()) {
      if (labelled[i] !== 1) continue;
      classes.push(target.values[i]!);
      inputs.push(prepareInput(built.name, built.stem.stem, input, placeOf(i)));
    }
  }
  return { inputs, classes: Int32Array.from(classes) };
}

interface Read {
  readonly built: BuiltTask;
  readonly training: Labelled;
  readonly test: Labelled;
}

async function readBoth(network: Network, task: string): Promise<Read> {
  const built = network.body.task(task);
  await built.task.source.open?.();
  const held = measuredSplit(built.task.source);
  const [training, test] = [await readLabelled(network, built, 'training'), await readLabelled(network, built, held)];
  if (training.classes.length === 0 || test.classes.length === 0) {
    throw new BanyanError(
      'data',
      `Task "${task}" has ${training.classes.length} labelled training and ${test.classes.length} labelled ${held} examples, expected some of both. Give its source both splits.`,
    );
  }
  return { built, training, test };
}

/**
 * Accuracy on the test split (validation where there is none) of always naming the class that is most frequent in the
 * first 10,000 shuffled training examples.
 * @throws BanyanError `argument` for a task that is no classification, `data` for one without labelled examples.
 */
export async function majorityBaseline(network: Network<never> | Network, task: string): Promise<number> {
  const { training, test } = await (network as Network).use(() => readBoth(network as Network, task));
  const counts = new Map<number, number>();
  for (const one of training.classes) counts.set(one, (counts.get(one) ?? 0) + 1);
  const [majority] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return test.classes.filter((one) => one === majority).length / test.classes.length;
}

/**
 * Accuracy on the test split (validation where there is none) of softmax regression on the stem's prepared numbers, with
 * weight decay, trained on up to 10,000 examples: what a task is worth without any network. Each number is standardised
 * by its training mean and deviation; where the stem takes texts of varying length as token ids, an example is how often
 * it holds each id.
 * @throws BanyanError as `majorityBaseline`.
 */
export async function linearBaseline(network: Network<never> | Network, task: string): Promise<number> {
  const { built, training, test } = await (network as Network).use(() => readBoth(network as Network, task));
  const { stem } = built.stem;
  const bag = stem.lengths !== undefined && training.inputs[0] instanceof Int32Array;
  const columns = bag ? 1 + largestId(training.inputs) : size(stem);
  const rows = (inputs: readonly TypedArray[]) => (bag ? countIds(inputs, columns) : concatenate(inputs, columns));
  const classes =
    1 +
    Math.max(
      training.classes.reduce((a, b) => Math.max(a, b)),
      test.classes.reduce((a, b) => Math.max(a, b)),
    );

  return tf.tidy(() => {
    const matrix = (inputs: readonly TypedArray[]) => tf.tensor2d(rows(inputs), [inputs.length, columns]); // [examples, columns]
    const raw = matrix(training.inputs);
    const prepare: Prepare = bag ? (counts) => counts : standardise(raw);
    const { kernel, bias } = softmaxRegression(prepare(raw), training.classes, classes);
    const scores = prepare(matrix(test.inputs)).matMul(kernel).add(bias); // [examples, classes]
    const guesses = scores.argMax(1).dataSync(); // [examples]
    tf.dispose([kernel, bias]);
    return test.classes.filter((one, i) => one === guesses[i]).length / test.classes.length;
  });
}

const size = (stem: Stem<unknown>) => stem.inputShape.reduce((a, b) => a * b, 1);

function largestId(inputs: readonly TypedArray[]): number {
  let largest = 0;
  for (const ids of inputs) for (const id of ids) largest = Math.max(largest, id);
  return largest;
}

/** Examples side by side; one that is shorter than the longest is filled with 0. */
function concatenate(inputs: readonly TypedArray[], columns: number): Float32Array {
  const values = new Float32Array(inputs.length * columns);
  for (const [i, input] of inputs.entries()) values.set(input, i * columns);
  return values;
}

function countIds(inputs: readonly TypedArray[], columns: number): Float32Array {
  const values = new Float32Array(inputs.length * columns);
  for (const [i, ids] of inputs.entries()) {
    for (const id of ids) if (id < columns) values[i * columns + id]! += 1;
  }
  return values;
}

type Prepare = (rows: tf.Tensor2D) => tf.Tensor2D;

/** Each column to mean 0 and deviation 1 by these rows; what is rare in a column that hardly varies is kept within five. */
function standardise(training: tf.Tensor2D): Prepare {
  const { mean, variance } = tf.moments(training, 0); // [columns]
  const inverse = variance.add(1e-12).rsqrt(); // [columns]
  return (rows) => rows.sub(mean).mul(inverse).clipByValue(-5, 5) as tf.Tensor2D; // [examples, columns]
}

/** Softmax regression by Adam; kernel `[columns, classes]` and bias `[classes]` are the caller's to dispose. */
function softmaxRegression(
  x: tf.Tensor2D,
  labels: Int32Array,
  classes: number,
): { kernel: tf.Variable; bias: tf.Variable } {
  const [examples, columns] = x.shape;
  const optimizer = adam({ learningRate: 3e-3 });
  const zeros = (shape: number[]) => tf.variable(tf.zeros(shape), false);
  const [kernel, bias] = [zeros([columns, classes]), zeros([classes])];
  const slots = [kernel, bias].map(({ shape }) => ({ mean: zeros(shape), square: zeros(shape) }));
  for (let step = 0; step < STEPS; step++) {
    tf.tidy(() => {
      const indices = Array.from({ length: BATCH }, (_, i) => {
        const at = step * BATCH + i;
        return permute(at % examples, examples, SEED, Math.floor(at / examples));
      });
      const batch = x.gather(tf.tensor1d(indices, 'int32')); // [batch, columns]
      const wanted = tf.oneHot(
        indices.map((index) => labels[index]!),
        classes,
      ); // [batch, classes]
      const probabilities = tf.softmax(batch.matMul(kernel).add(bias) as tf.Tensor2D); // [batch, classes]
      // The gradient of mean cross entropy in the scores.
      const error = probabilities.sub(wanted).div(BATCH); // [batch, classes]
      const learningRate = tf.scalar(optimizer.learningRate * (1 - step / STEPS));
      const update = optimizer.prepare({ learningRate, step: tf.scalar(step + 1) });
      update(kernel, tf.matMul(batch, error, true, false).add(kernel.mul(WEIGHT_DECAY)), slots[0]!, false);
      update(bias, error.sum(0), slots[1]!, false);
    });
  }
  tf.dispose(slots);
  return { kernel, bias };
}

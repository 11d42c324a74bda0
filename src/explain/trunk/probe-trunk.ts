import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { denseDesign } from '../../evaluate/linear/design.ts';
import { classify, softmaxRegression } from '../../evaluate/linear/softmax-regression.ts';
import { checkSeed, RandomStream } from '../../random/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { activationsIn, type TaskTrunk } from './compare-trunks.ts';
import { shuffled } from './shuffle.ts';

/** What a linear classifier reads out of one depth of a trunk. */
export interface DepthProbe {
  /** After so many blocks; 0 are the stem's tokens. */
  readonly depth: number;
  /** The share of the second half of the examples whose label it tells. */
  readonly accuracy: number;
  /** The same where it has learned from shuffled labels, in the mean over several orders. */
  readonly control: number;
}

export interface ProbeTrunkOptions {
  /** Raw inputs that the task takes, at least four. */
  readonly inputs: readonly unknown[];
  /** The label of each, a whole number from 0: those of another task, for what of it is in this trunk already. */
  readonly labels: readonly number[];
  /** The seed of the halves and of the shuffled labels. Default 0. */
  readonly seed?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/** Labels are shuffled so many times: with few examples a single order may tell much by chance. */
const ORDERS = 8;

/**
 * Says how much of some labels can be read off a task's trunk, depth by depth (linear probes: Alain and Bengio 2017): a softmax
 * regression on the mean over the positions learns from half of the examples, and is measured on the others. What is told by `control` too
 * is nothing.
 * @throws BanyanError as `Network.predict`; `argument` for labels that do not fit the inputs.
 */
export async function probeTrunk(
  trunk: TaskTrunk,
  { inputs, labels, seed = 0, compile = 'auto' }: ProbeTrunkOptions,
): Promise<readonly DepthProbe[]> {
  checkSeed('probeTrunk: seed', seed);
  const whole = labels.every((label) => Number.isInteger(label) && label >= 0);
  if (labels.length !== inputs.length || inputs.length < 4 || !whole) {
    throw new BanyanError(
      'argument',
      `probeTrunk: expected at least 4 inputs and a label for each, a whole number from 0, received ${inputs.length} inputs and ${labels.length} labels${whole ? '' : ', some of which are no such numbers'}. Give each input its label.`,
    );
  }
  const random = new RandomStream(seed, 'explain/probe-trunk');
  const order = shuffled(Array.from(inputs.keys()), random);
  const half = inputs.length >> 1;
  const [learned, measured] = [order.slice(0, half), order.slice(half)];
  const own = learned.map((i) => labels[i]!);
  const others = Array.from({ length: ORDERS }, () => shuffled(own, random));
  const classes = Math.max(1, ...labels) + 1;
  const depths = await activationsIn(trunk, inputs, compile);
  return depths.map((rows, depth) => {
    const told = (targets: readonly number[]): number => {
      const guesses = learn(
        learned.map((i) => rows[i]!),
        targets,
        measured.map((i) => rows[i]!),
        classes,
      );
      return measured.filter((i, at) => guesses[at] === labels[i]).length / measured.length;
    };
    return { depth, accuracy: told(own), control: others.reduce((sum, other) => sum + told(other) / ORDERS, 0) };
  });
}

/** Learns classes of rows, and gives those of others. */
function learn(
  rows: readonly Float32Array[],
  labels: readonly number[],
  others: readonly Float32Array[],
  classes: number,
): Int32Array {
  let guesses = new Int32Array();
  tf.tidy(() => {
    const model = softmaxRegression(
      denseDesign(tf.stack(rows.map((row) => tf.tensor1d(row))) as tf.Tensor2D),
      Int32Array.from(labels),
      classes,
    );
    guesses = Int32Array.from(
      classify(denseDesign(tf.stack(others.map((row) => tf.tensor1d(row))) as tf.Tensor2D), model),
    );
  });
  return guesses;
}

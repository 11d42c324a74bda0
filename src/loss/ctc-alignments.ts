import * as tf from '@tensorflow/tfjs';

/** The logarithm of what is impossible: finite, so that differences of two of them are numbers. */
const IMPOSSIBLE = -1e30;

/** What all ways to spread targets over frames come to. */
export interface Alignments {
  /** The negative logarithm of the sum of their probabilities, `[batch]`. */
  readonly losses: tf.Tensor1D;
  /** How likely each symbol stands in each frame, if the target is right: `[batch, frames, symbols]`, with the sum 1 over symbols. */
  readonly expected: tf.Tensor3D;
}

/**
 * Sums up all ways to spread targets over frames by the forward-backward algorithm (Graves et al. 2006, section 4.1). A target of L
 * symbols is walked in 2 L + 1 states: its symbols, with blanks around and between them.
 * @param logProbability `[batch, frames, symbols]`; symbol 0 is the blank.
 * @param target `[batch, positions]`, int32, padded with 0.
 */
export function alignments(logProbability: tf.Tensor3D, target: tf.Tensor2D): Alignments {
  const [batch, positions] = target.shape;
  const frames = logProbability.shape[1];
  const states = 2 * positions + 1;
  const blank = tf.zeros([batch, 1], 'int32');
  const between = tf.stack([tf.zerosLike(target), target], 2).reshape([batch, 2 * positions]);
  const symbolOf = between.concat(blank, 1) as tf.Tensor2D; // [batch, states]
  const last = target.notEqual(0).cast('int32').sum(1, true).mul(2); // [batch, 1]
  const state = tf.range(0, states, 1, 'int32').expandDims(0); // [1, states]

  // Forwards a walk begins with a blank or the first symbol. Backwards it is the same walk, over mirrored frames and states.
  const begins = logarithmOf(state.lessEqual(1).logicalAnd(state.lessEqual(last)));
  const ends = logarithmOf(state.lessEqual(last).logicalAnd(state.greaterEqual(last.sub(1)))); // [batch, states]
  const beginsAndEnds = begins.concat(ends.reverse(1)); // [2 batch, states]
  // A blank may be left out between two symbols that differ.
  const beforeLast = symbolOf
    .pad([
      [0, 0],
      [2, 0],
    ])
    .slice([0, 0], [batch, states]); // [batch, states]
  const skips = logarithmOf(symbolOf.notEqual(0).logicalAnd(symbolOf.notEqual(beforeLast))); // [batch, states]
  const skipsBack = skips
    .reverse(1)
    .pad(
      [
        [0, 0],
        [2, 0],
      ],
      IMPOSSIBLE,
    )
    .slice([0, 0], [batch, states]);
  const skipsBoth = skips.concat(skipsBack); // [2 batch, states]

  const emission = tf.gather(logProbability, symbolOf, 2, 1) as tf.Tensor3D; // [batch, frames, states]
  const emissions = tf.unstack(emission.concat(emission.reverse([1, 2])), 1); // frames of [2 batch, states]
  const walks: tf.Tensor[] = [];
  for (const [t, here] of emissions.entries())
    walks.push((t === 0 ? beginsAndEnds : arrivals(walks[t - 1]!, skipsBoth)).add(here));
  const [forward, mirrored] = tf.split(tf.stack(walks, 1), 2) as [tf.Tensor3D, tf.Tensor3D]; // [batch, frames, states]

  const final = walks.at(-1)!.slice([0, 0], [batch, states]).add(ends); // [batch, states]
  // The sum over states is the target's probability in each frame: a softmax takes no rounding of it along.
  const through = forward
    .add(mirrored.reverse([1, 2]))
    .sub(emission)
    .softmax(); // [batch, frames, states]
  const isSymbol = tf.oneHot(symbolOf, logProbability.shape[2], 1, 0, 'float32'); // [batch, states, symbols]
  return {
    losses: final.logSumExp(1).neg() as tf.Tensor1D,
    expected: tf.matMul(through, isSymbol).reshape([batch, frames, logProbability.shape[2]]) as tf.Tensor3D,
  };
}

/** The logarithms of arriving in each state: by staying, by a step, or by a skip; `[2 batch, states]`. */
function arrivals(walk: tf.Tensor, skips: tf.Tensor): tf.Tensor {
  const [rows, states] = walk.shape as [number, number];
  const shifted = walk.pad(
    [
      [0, 0],
      [2, 0],
    ],
    IMPOSSIBLE,
  ); // [2 batch, states + 2]
  const step = shifted.slice([0, 1], [rows, states]);
  const skip = shifted.slice([0, 0], [rows, states]).add(skips);
  const largest = walk.maximum(step).maximum(skip);
  const sum = walk.sub(largest).exp().add(step.sub(largest).exp()).add(skip.sub(largest).exp());
  return largest.add(sum.log());
}

/** 0 for what may be, and the logarithm of what is impossible for what may not. */
const logarithmOf = (may: tf.Tensor): tf.Tensor => tf.sub(1, may.cast('float32')).mul(IMPOSSIBLE);

import * as tf from '@tensorflow/tfjs';

// Its weight becomes exactly 0 in float32.
const NEVER = -1e9;

/** What is added to scores of attention: 0 for what may be seen, where `seen` is 1, and so little that it has no weight where it is 0. */
export const scoreBias = (seen: tf.Tensor): tf.Tensor => tf.sub(1, seen).mul(NEVER);

import type { RandomStream } from 'banyan-ml/plugin';

/** Gives the logarithms of a softmax's probabilities. */
export function logSoftmax(logits: Float32Array): Float32Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  const log = largest + Math.log(sum);
  return logits.map((logit) => logit - log);
}

/** Draws an action with these probabilities, given as logarithms. */
export function draw(logProbabilities: Float32Array, random: RandomStream): number {
  let left = random.uniform();
  const last = logProbabilities.length - 1;
  for (let action = 0; action < last; action++) {
    left -= Math.exp(logProbabilities[action]!);
    if (left < 0) return action;
  }
  return last;
}

/** Gives the entropy in nats. */
export function entropyOf(logProbabilities: Float32Array): number {
  let sum = 0;
  for (const log of logProbabilities) sum -= Math.exp(log) * log;
  return sum;
}

/** Finds the first of the largest. */
export const best = (scores: Float32Array): number =>
  scores.reduce((at, score, i) => (score > scores[at]! ? i : at), 0);

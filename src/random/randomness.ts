import * as tf from '@tensorflow/tfjs';
import { drawUniform } from './kernels.ts';
import { philox } from './philox.ts';
import { highWord } from './seed.ts';
import { hash } from './stream.ts';

/** Random tensors in the graph. */
export interface Randomness {
  /** Uniform in [0, 1), float32. */
  uniform(shape: readonly number[]): tf.Tensor;
  /** Standard normal, float32. */
  normal(shape: readonly number[]): tf.Tensor;
}

// Keys stay below 2^30, so that adding a site's number to them in the graph cannot overflow int32.
const BELOW = 2 ** 30;

/**
 * The two int32 that key all draws of one step (or of one part of its batch): an input of the step, so that no draw freezes
 * in a compiled graph.
 */
export function stepKey(seed: number, step: number, part = 0): Int32Array {
  const words = new Uint32Array(4);
  philox([step >>> 0, Math.floor(step / 2 ** 32), part, highWord(seed)], seed >>> 0, 0x73746570, words);
  return Int32Array.of(words[0]! % BELOW, words[1]! % BELOW);
}

/**
 * The network's randomness. Whoever runs a step calls `begin` with the step's key; each stem, block and head holds a
 * branch with a name of its own and numbers its draws: a draw depends on key, name and number alone. A task's own stem and
 * head draw the same whichever other tasks take part; the trunk's draws are numbered over all passes of the step.
 */
export class RandomRoot {
  #key: tf.Tensor1D | undefined;
  #generation = 0;

  /** Without a key: a fixed one, for what draws outside of a step. */
  begin(key?: tf.Tensor1D): void {
    this.#key = key;
    this.#generation++;
  }

  branch(name: string): Randomness {
    const site = hash(name) % BELOW;
    let generation = -1;
    let number = 0;
    const uniform = (shape: readonly number[]): tf.Tensor => {
      if (generation !== this.#generation) {
        generation = this.#generation;
        number = 0;
      }
      const draw = number++;
      return tf.tidy(() => {
        const key = this.#key ?? tf.tensor1d([0, 0], 'int32');
        return drawUniform(key.add(tf.tensor1d([site, draw], 'int32')), shape);
      });
    };
    return {
      uniform,
      // Box and Muller; 1 - u lies in (0, 1].
      normal: (shape) =>
        tf.tidy(() => {
          const radius = tf.sqrt(tf.mul(-2, tf.log(tf.sub(1, uniform(shape)))));
          return radius.mul(tf.cos(uniform(shape).mul(2 * Math.PI)));
        }),
    };
  }
}

import { z } from 'zod';
import { savedNumbers } from '../saved.ts';
import { bounded, saved } from './checks.ts';

/** How numbers of a method's own move. */
export interface DescentOptions {
  readonly optimizer: 'sgd' | 'adam';
  readonly learningRate: number;
  /** This many times a value is added to its gradient (L2). Default 0. */
  readonly weightDecay?: number;
}

export const descentState = z.object({ mean: savedNumbers, square: savedNumbers, steps: savedNumbers });
type DescentState = z.infer<typeof descentState>;

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * Moves a few numbers of a method's own down their gradient: by SGD, or by Adam (Kingma and Ba 2015, algorithm 1) with
 * each number's steps counted for itself, so that a task that takes no part in a step leaves no trace in it.
 */
export class Descent {
  readonly #options: DescentOptions;
  #mean: Float64Array;
  #square: Float64Array;
  #steps: Float64Array;

  constructor(options: DescentOptions, tasks: number) {
    this.#options = options;
    this.#mean = new Float64Array(tasks);
    this.#square = new Float64Array(tasks);
    this.#steps = new Float64Array(tasks);
  }

  /** Moves the `values` of these tasks in place, by a gradient each. */
  move(values: Float64Array, tasks: readonly number[], gradients: ArrayLike<number>): void {
    const { optimizer, learningRate, weightDecay = 0 } = this.#options;
    for (const [i, k] of tasks.entries()) {
      const g = bounded(gradients[i]! + weightDecay * values[k]!);
      if (optimizer === 'sgd') {
        values[k]! -= learningRate * g;
        continue;
      }
      const t = ++this.#steps[k]!;
      const m = (this.#mean[k] = BETA1 * this.#mean[k]! + (1 - BETA1) * g);
      const v = (this.#square[k] = BETA2 * this.#square[k]! + (1 - BETA2) * g * g);
      values[k]! -= (learningRate * (m / (1 - BETA1 ** t))) / (Math.sqrt(v / (1 - BETA2 ** t)) + EPSILON);
    }
  }

  state() {
    return { mean: [...this.#mean], square: [...this.#square], steps: [...this.#steps] };
  }

  restore(method: string, { mean, square, steps }: DescentState): void {
    const tasks = this.#mean.length;
    this.#mean = saved(method, mean, tasks);
    this.#square = saved(method, square, tasks);
    this.#steps = saved(method, steps, tasks);
  }
}

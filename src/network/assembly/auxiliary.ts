import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';

/** The losses that blocks, stems and heads give of their own on one pass, by `Call.also`. */
export class AuxiliaryLosses {
  readonly #tasks: readonly string[];
  readonly #losses: tf.Scalar[] = [];

  /** `tasks`: the names of the pass's tasks. */
  constructor(tasks: readonly string[]) {
    this.#tasks = tasks;
  }

  /** Is `Call.also`. @throws BanyanError `shape` for what is not one number. */
  readonly take = (loss: tf.Scalar): void => {
    if (!(loss instanceof tf.Tensor && loss.rank === 0)) {
      const came =
        (loss as unknown) instanceof tf.Tensor ? `shape [${(loss as tf.Tensor).shape.join(', ')}]` : 'no tensor';
      const names = this.#tasks.map((name) => `"${name}"`).join(', ');
      throw new BanyanError(
        'shape',
        `A part that ${this.#tasks.length > 1 ? `tasks ${names} go` : `task ${names} goes`} through gave call.also() a loss of ${came}, expected one number, []. Sum or average it.`,
      );
    }
    this.#losses.push(loss);
  };

  /** Gives their sum so far, undefined where there is none. */
  sum(): tf.Scalar | undefined {
    const [first, ...others] = this.#losses;
    return first === undefined || others.length === 0 ? first : (tf.addN(this.#losses) as tf.Scalar);
  }
}

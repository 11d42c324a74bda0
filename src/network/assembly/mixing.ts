import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { Mixing } from '../../task/contract.ts';
import { type BuiltTask, isWriting } from './built.ts';

/** How the samples of one pass were mixed, by `Call.mixed`. */
export class PassMixing {
  readonly #tasks: readonly string[];
  #mixing: Mixing | undefined;

  /** `tasks`: the names of the pass's tasks. */
  constructor(tasks: readonly string[]) {
    this.#tasks = tasks;
  }

  get mixing(): Mixing | undefined {
    return this.#mixing;
  }

  /** Is `Call.mixed`. @throws BanyanError `argument` where samples are mixed twice, `shape` for what is not one number a sample. */
  readonly take = (mixing: Mixing): void => {
    const names = this.#tasks.map((name) => `"${name}"`).join(', ');
    if (this.#mixing !== undefined) {
      throw new BanyanError(
        'argument',
        `The samples of ${names} are mixed twice before one trunk, expected once at most, since a loss has two labels and no third one. Leave all but one of mixup and cutmix out of their stems.`,
      );
    }
    const { partners, shares } = mixing;
    if (partners.rank !== 1 || shares.rank !== 1 || partners.size !== shares.size || partners.dtype !== 'int32') {
      throw new BanyanError(
        'shape',
        `The stem of ${names} gave call.mixed() partners ${partners.dtype} [${partners.shape.join(', ')}] and shares [${shares.shape.join(', ')}], expected int32 [batch] and float32 [batch]. Give one of each for a sample.`,
      );
    }
    this.#mixing = mixing;
  };
}

/** Labels of a task, prepared, `[batch, …]`, with the weight of each in the sum of the losses, `[batch]`. */
export interface WeighedLabels {
  readonly target: tf.Tensor;
  readonly weights: tf.Tensor1D;
}

/**
 * Gives those of the partners, and the weights of both: by the shares, so that a label that is missing weighs nothing, and the sample
 * learns from the other alone.
 * @throws BanyanError `argument` for a task whose loss cannot take the label of another sample.
 */
export function mixedLabels(
  task: BuiltTask,
  { target, weights }: WeighedLabels,
  { partners, shares }: Mixing,
): readonly [own: WeighedLabels, partners: WeighedLabels] {
  const cannot = isWriting(task)
    ? 'its head writes'
    : task.head.comparesSamples
      ? 'its loss compares samples'
      : undefined;
  if (cannot !== undefined) {
    throw new BanyanError(
      'argument',
      `Task "${task.name}": its stem mixes samples, and ${cannot}, expected a loss of one output with one label. Leave mixup and cutmix out of the stem, or give this task a stem of its own.`,
    );
  }
  return [
    { target, weights: weights.mul(shares) },
    { target: tf.gather(target, partners), weights: tf.gather(weights, partners).mul(tf.sub(1, shares)) },
  ];
}

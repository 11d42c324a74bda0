import { checkOptions, count, notNegative, optionsOf, wholeNumber } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { RandomStream } from '../../random/index.ts';
import { type Method, zerosLike } from '../method.ts';

export interface SmoothGradOptions {
  /** The gradient is the mean over so many noisy copies. Default 32. */
  readonly samples?: number;
  /** The noise has this standard deviation, as a part of the range of the example's numbers. Default 0.15. */
  readonly deviation?: number;
  /** The seed of the noise. Default 0. */
  readonly seed?: number;
}

const schema = optionsOf('smooth-grad', {
  samples: count.default(32).describe('noisy copies of the example'),
  deviation: notNegative
    .default(0.15)
    .describe('standard deviation of the noise, as a part of the range of the numbers'),
  seed: wholeNumber(0).default(0).describe('seed of the noise'),
});

/**
 * Makes SmoothGrad (Smilkov et al. 2017): the mean of the gradients at copies of the example with normal noise. It says how sensitive the
 * outcome is to each number, not how much of the outcome is due to it. A place with several numbers gets the norm of theirs: by how much the
 * outcome changes where they are changed by one in the direction of most effect.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function smoothGrad(options: SmoothGradOptions = {}): Method {
  const { samples, deviation, seed } = checkOptions('smoothGrad', schema, options);
  return {
    kind: 'smooth-grad',
    complete: false,
    alone: true,
    together: 'norm',
    attribute: async (subject) => {
      const { input } = subject;
      const random = new RandomStream(seed, 'explain/smooth-grad');
      const scales = input.map((numbers) => deviation * rangeOf(numbers));
      const means = zerosLike(input);
      await subject.gradients(
        samples,
        () => input.map((numbers, p) => numbers.map((value) => value + scales[p]! * random.normal())),
        (_, gradient) => {
          for (const [p, mean] of means.entries()) {
            for (let at = 0; at < mean.length; at++) mean[at]! += gradient[p]![at]! / samples;
          }
        },
      );
      return means;
    },
  };
}

function rangeOf(numbers: Float32Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of numbers) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return most - least;
}

/** `smoothGrad`, as files name it. */
export const smoothGradKind: Kind<Method, SmoothGradOptions> = {
  kind: 'smooth-grad',
  about: 'The gradient in the mean over noisy copies of the example: how sensitive the outcome is to each number.',
  options: schema,
  build: smoothGrad,
};

import { checkOptions, oneOf, optionsOf, rate } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { type Average, type AveragingOptions, moveMean } from './average.ts';

export interface ExponentialAverageOptions extends AveragingOptions {
  /** Share of the average that stays with each update: it looks back over about `1 / (1 - decay)` of them. Default 0.999. */
  readonly decay?: number;
}

const schema = optionsOf('exponential', {
  decay: rate.default(0.999).describe('share of the average that stays with each update'),
  use: oneOf('average', 'raw').default('average').describe('which weights the network holds after the training'),
});

/**
 * Makes the exponential moving average of the weights (Polyak and Juditsky 1992 average all; this one forgets). Weights that are `i`
 * updates old count `decay^i`, and all counts sum to 1 from the first update on: what Adam's bias correction (Kingma and Ba 2015,
 * section 3) makes of a mean that begins at 0. So neither zeros nor the weights of the beginning are in it for longer than they should be.
 * Running statistics are those of the weights that are trained, as in Keras.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function exponentialAverage(options: ExponentialAverageOptions = {}): Average {
  const { decay, use } = checkOptions('exponentialAverage', schema, options);
  return {
    kind: 'exponential',
    config: { kind: 'exponential', decay, use },
    use,
    slots: ['mean'],
    newStatistics: false,
    taken: (step) => step,
    numbers: (n) => [(1 - decay) / (1 - decay ** n)],
    take: (variable, { mean }, [share]) => moveMean(variable, mean!, share!),
  };
}

/** `exponentialAverage`, as files name it. */
export const exponentialKind: Kind<Average, ExponentialAverageOptions> = {
  kind: 'exponential',
  about: 'A mean after every update that forgets older weights.',
  options: schema,
  build: exponentialAverage,
};

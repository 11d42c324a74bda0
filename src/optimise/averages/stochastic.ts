import { checkOptions, count, oneOf, optionsOf, wholeNumber } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { type Average, type AveragingOptions, moveMean } from './average.ts';

export interface StochasticAverageOptions extends AveragingOptions {
  /** The update after which the first weights are taken in, a whole number >= 1: after three quarters of a training, say. */
  readonly from: number;
  /** Updates between two weights that are taken in: an epoch, say. Default 1. */
  readonly every?: number;
}

const schema = optionsOf('stochastic', {
  from: wholeNumber(1).describe('step after which the first weights are taken in'),
  every: count.default(1).describe('steps between two weights that are taken in'),
  use: oneOf('average', 'raw').default('average').describe('which weights the network holds after the training'),
});

/**
 * Makes stochastic weight averaging (Izmailov et al. 2018, algorithm 1): the plain mean of the weights after update `from` and after
 * every `every` ones since. It wants a learning rate that stays high: a constant one from there on. Running statistics are computed
 * anew over training batches.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function stochasticAverage(options: StochasticAverageOptions): Average {
  const { from, every, use } = checkOptions('stochasticAverage', schema, options);
  return {
    kind: 'stochastic',
    config: { kind: 'stochastic', from, every, use },
    use,
    slots: ['mean'],
    newStatistics: true,
    taken: (step) => Math.max(0, Math.floor((step - from) / every) + 1),
    numbers: (n) => [1 / n],
    take: (variable, { mean }, [share]) => moveMean(variable, mean!, share!),
  };
}

/** `stochasticAverage`, as files name it. */
export const stochasticKind: Kind<Average, StochasticAverageOptions> = {
  kind: 'stochastic',
  about: 'The plain mean of the weights after every so many updates, from one on.',
  options: schema,
  build: stochasticAverage,
};

import { BanyanError } from '../error.ts';
import { checkSeed, permute } from '../random/index.ts';

/** A partition says which stored examples train and which validate. */
export interface Partition {
  readonly training: number;
  readonly validation: number;
  /** Gives the number of the stored example that is a split's `index`-th. */
  at(split: 'training' | 'validation', index: number): number;
}

// Sets this shuffle apart from the order in which a run with the same seed visits the examples.
const SHUFFLE = 0x73706c74;

/**
 * Holds out a fraction of `count` examples, at least one where `fraction` is above 0, chosen by a seeded permutation.
 * No table is kept: memory does not depend on `count`.
 * @throws BanyanError `argument` for a fraction outside [0, 1) or one that leaves nothing to train on, and for a seed that is none.
 */
export function holdOutFraction(count: number, fraction: number, seed = 0): Partition {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new BanyanError(
      'argument',
      `The part held out for validation must be in [0, 1), received ${fraction}. Give a fraction such as 0.1.`,
    );
  }
  checkSeed('The seed of the validation split', seed);
  const validation = fraction === 0 ? 0 : Math.max(1, Math.round(count * fraction));
  const training = count - validation;
  if (training <= 0) {
    throw new BanyanError(
      'argument',
      `Holding out ${fraction} of ${count} examples leaves nothing to train on, expected at least one example. Give more examples or a smaller fraction.`,
    );
  }
  return {
    training,
    validation,
    at: (split, index) => permute(split === 'validation' ? index : validation + index, count, seed, SHUFFLE),
  };
}

/** Holds out the examples of which `rule` says true. It keeps one number an example. */
export function holdOutByRule(count: number, rule: (index: number) => boolean): Partition {
  const training: number[] = [];
  const validation: number[] = [];
  for (let index = 0; index < count; index++) (rule(index) ? validation : training).push(index);
  return {
    training: training.length,
    validation: validation.length,
    at: (split, index) => (split === 'validation' ? validation : training)[index]!,
  };
}

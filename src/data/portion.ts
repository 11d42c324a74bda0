import { BanyanError } from '../error.ts';
import { checkSeed, permute, stratifiedOrder } from '../random/index.ts';
import type { Source } from '../task/source.ts';

// Sets this choice apart from the order in which a run with the same seed visits the examples.
const CHOICE = 0x706f7274;

/**
 * Makes a view of a source with part of its training examples: the first `fraction` of a seeded shuffle, rounded, and at least
 * one, with each class in its share where the source tells the classes. For one seed a smaller portion is part of a larger one. The
 * other splits are the source's own.
 * @throws BanyanError `argument` for a fraction outside (0, 1] or a seed that is none, and, once it is used, for a source that is
 * endless or acts with the network.
 */
export function portion<Input, Target>(
  source: Source<Input, Target>,
  fraction: number,
  seed = 0,
): Source<Input, Target> {
  if (!(fraction > 0 && fraction <= 1)) {
    throw new BanyanError(
      'argument',
      `A portion of the training examples must be in (0, 1], received ${fraction}. Give a fraction such as 0.1.`,
    );
  }
  checkSeed('portion: seed', seed);
  const whole = () => {
    const { training } = source.counts;
    if (Number.isFinite(training) && source.state === undefined && source.lockStep !== true) return training;
    throw new BanyanError(
      'argument',
      `A portion needs a source with a fixed number of training examples, received one ${Number.isFinite(training) ? 'that changes as it is read' : 'that is endless'}. Use the source as it is.`,
    );
  };
  let order: ((index: number) => number) | undefined;
  const placeOf = (index: number): number => {
    if (order === undefined) {
      const count = whole();
      const strata = source.strata?.('training');
      const places = strata && stratifiedOrder(strata, seed, CHOICE);
      order = places === undefined ? (at) => permute(at, count, seed, CHOICE) : (at) => places[at]!;
    }
    return order(index);
  };
  const strata = source.strata?.bind(source);
  return {
    ...(source.facts === undefined ? {} : { facts: source.facts }),
    get counts() {
      const count = whole();
      return { ...source.counts, training: Math.max(1, Math.round(count * fraction)) };
    },
    ...(source.open === undefined ? {} : { open: () => source.open!() }),
    ...(strata === undefined ? {} : { strata: (split) => (split === 'training' ? undefined : strata(split)) }),
    read: (split, indices, context) => {
      if (split !== 'training') return source.read(split, indices, context);
      return source.read(split, indices.map(placeOf), context);
    },
  };
}

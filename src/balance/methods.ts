import { BanyanError } from '../error.ts';
import { didYouMean } from '../nearest.ts';
import { aggregators } from './aggregators/index.ts';
import type { CoordinateMethod, GramMethod, MethodFacts } from './method.ts';
import { weightings } from './weightings/index.ts';

export type Method = GramMethod | CoordinateMethod;

const all: readonly Method[] = [...weightings, ...aggregators];

/** All methods, with their papers, options, what they look at and cost, and how they were verified. */
export function methods(): readonly MethodFacts[] {
  return all;
}

/** The method of that name. Throws a {@link BanyanError} that lists the known ones. */
export function methodNamed(name: string): Method {
  const found = all.find((method) => method.name === name);
  if (found !== undefined) return found;
  const known = all.map((method) => method.name);
  throw new BanyanError(
    'argument',
    `No balancing method "${name}". Expected one of: ${known.join(', ')}. ${didYouMean(name, known, 'Name one of these.')}`,
  );
}

import type { StemFactory } from 'banyan-ml';
import { check, count } from 'banyan-ml/plugin';
import { wholeVector } from '../scaled-numbers.ts';
import type { Scaling } from '../scaling.ts';
import type { NumberStatistics } from '../statistics.ts';
import { numbersStem } from './numbers.ts';
import { overNumbers } from './over-numbers.ts';

export interface VectorStemOptions {
  /** A vector has so many numbers. */
  readonly size: number;
  /** See `numbersStem`. Default `none`. */
  readonly scaling?: Scaling;
  /** See `numbersStem`; needed where numbers are scaled. */
  readonly statistics?: () => NumberStatistics;
}

/**
 * Makes the stem that reads a vector of fixed length, such as measurements of a sensor or what another network made of its input, as one
 * token by a linear layer: `numbersStem` for numbers that belong together, all of which are there.
 * @throws BanyanError `argument` for a size, scaling or statistics that are wrong; in `prepare`, `shape` for another number of numbers, and
 * `data` for one that is not finite.
 */
export function vectorStem(options: VectorStemOptions): StemFactory<ArrayLike<number>> {
  const { size, scaling = 'none', statistics } = options;
  check('vectorStem', { size }, count);
  const numbers = numbersStem({ columns: size, scaling, ...(statistics === undefined ? {} : { statistics }) });
  return overNumbers(
    numbers,
    wholeVector,
    (vector) => [{ kind: 'curve', label: `${size} numbers`, values: Float32Array.from(vector) }],
    ({ kind }) => ({ kind, whole: true }),
  );
}

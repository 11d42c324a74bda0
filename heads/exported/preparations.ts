import { BanyanError, type TypedArray } from 'banyan-ml';
import { marked, readFrames, standardised } from '../audio/frames.ts';
import { normalised } from '../audio/stems/recording.ts';
import { objectNumbers } from '../control/object-numbers.ts';
import { categoryIds } from '../table/category-ids.ts';
import { dateParts } from '../table/dates.ts';
import type { NumberCell } from '../table/number-cell.ts';
import { type ScaledNumbersSettings, scaledNumbers, wholeVector } from '../table/scaled-numbers.ts';
import { wholeWordIds } from '../text/whole-word-ids.ts';
import { wordIds } from '../text/word-ids.ts';
import { wordPieceIds } from '../text/word-piece-ids.ts';

/** Makes what prepares raw examples, of the settings of a stem and of what it declares. `task`: whose they are, for errors. */
export type Preparation = (settings: never, task: string) => (raw: never) => TypedArray;

/** Settings of a row of numbers; `whole`: none of them may be missing. */
type RowSettings = ScaledNumbersSettings & { readonly whole?: boolean };

/** The preparations that a stem can declare, by the name of their kind. */
export const PREPARATIONS: Readonly<Record<string, Preparation>> = {
  numbers: (_, task) => (raw: TypedArray) => {
    if (raw instanceof Float32Array || raw instanceof Uint8Array || raw instanceof Int32Array) return raw;
    throw new BanyanError(
      'data',
      `Task "${task}": expected numbers in a Float32Array, or bytes in a Uint8Array, received ${JSON.stringify(raw)?.slice(0, 40)}. Give such an array.`,
    );
  },
  peak: ({ samples }: { readonly samples: number }, task) => {
    return (raw: Float32Array) => normalised(raw, Math.min(raw.length, samples), task);
  },
  frames: (settings: { readonly numbers: number; readonly length: number }, task) => {
    const { numbers } = settings;
    return (raw: Float32Array) => marked(standardised(readFrames(raw, settings, task), numbers), numbers);
  },
  words: wordIds,
  'byte-pairs': wordIds,
  'whole-words': wholeWordIds,
  'word-pieces': wordPieceIds,
  columns: rowNumbers,
  quantiles: rowNumbers,
  dates: (settings: ScaledNumbersSettings, task) => {
    const numbers = scaledNumbers(settings, task);
    return (dates: readonly (Date | undefined)[]) => numbers(dates.flatMap(dateParts));
  },
  categories: categoryIds,
  objects: objectNumbers,
};

function rowNumbers(settings: RowSettings, task: string): (row: ArrayLike<NumberCell>) => Float32Array {
  const numbers = scaledNumbers(settings, task);
  if (settings.whole !== true) return numbers;
  return (row) => numbers(wholeVector(row as ArrayLike<number>, task));
}

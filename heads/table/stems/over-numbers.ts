import type { Declared, Display, StemContext, StemFactory } from 'banyan-ml';
import type { NumberCell } from '../number-cell.ts';

/** Makes a stem of one that reads numbers, and of what turns a raw example into numbers. `declare`: what is declared of both. */
export function overNumbers<Input>(
  numbers: StemFactory<ArrayLike<NumberCell>>,
  cellsOf: (raw: Input, task: string) => ArrayLike<NumberCell>,
  display: (raw: Input) => Display,
  declare: (numbers: Declared) => Declared,
): StemFactory<Input> {
  const stem = (context: StemContext) => {
    const { modality, inputShape, dtypes, positions, preparation, prepare, forward, places } = numbers(context);
    return {
      modality,
      inputShape,
      ...(dtypes === undefined ? {} : { dtypes }),
      ...(positions === undefined ? {} : { positions }),
      ...(preparation === undefined ? {} : { preparation: declare(preparation) }),
      prepare: (raw: Input) => prepare(cellsOf(raw, context.task)),
      forward,
      display,
      places: (raw: Input, at: 'input' | 'tokens') => places?.(cellsOf(raw, context.task), at),
    };
  };
  return Object.assign(stem, { modality: 'table' });
}

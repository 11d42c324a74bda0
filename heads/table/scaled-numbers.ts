import { BanyanError } from 'banyan-ml';
import { assertCells, type Columns, columnNames } from './column-names.ts';
import { isMissing, type NumberCell } from './number-cell.ts';
import { type Scaling, scaleBy } from './scaling.ts';
import type { NumberStatistics } from './statistics.ts';

/** Settings of `numbersStem` by which rows become numbers. */
export interface ScaledNumbersSettings {
  readonly columns: Columns;
  readonly scaling: Scaling;
  readonly statistics?: NumberStatistics | undefined;
}

/**
 * Makes what gives the scaled numbers of a row, then which of them are missing: `[2, columns]`.
 * @throws BanyanError `argument` for statistics that do not fit.
 */
export function scaledNumbers(
  settings: ScaledNumbersSettings,
  task: string,
): (row: ArrayLike<NumberCell>) => Float32Array {
  const columns = columnNames(settings.columns);
  const scale = scaleBy('numbersStem', columns.count, settings.scaling, settings.statistics);
  return (row) => {
    assertCells(task, columns, row);
    const numbers = new Float32Array(2 * columns.count);
    for (let i = 0; i < columns.count; i++) {
      const x = row[i];
      if (isMissing(x)) numbers[columns.count + i] = 1;
      else if (Number.isFinite(x)) numbers[i] = scale(x, i);
      else throw noNumber(task, columns.nameOf(i), x);
    }
    return numbers;
  };
}

/**
 * Gives a vector back in which no number is missing.
 * @throws BanyanError `data` for another one.
 */
export function wholeVector(vector: ArrayLike<number>, task: string): ArrayLike<number> {
  const hole = Array.prototype.findIndex.call(vector, (x) => isMissing(x));
  if (hole < 0) return vector;
  throw new BanyanError(
    'data',
    `Task "${task}": a vector has ${String(vector[hole])} at place ${hole}, expected a finite number. Correct it, or read numbers that may be missing by numbersStem.`,
  );
}

function noNumber(task: string, column: string, received: unknown): BanyanError {
  return new BanyanError(
    'data',
    `Task "${task}": expected a finite number in ${column}, received ${typeof received === 'string' ? JSON.stringify(received) : String(received)}. Correct the cell, or give undefined where it is missing.`,
  );
}

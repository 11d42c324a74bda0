import type { Cell, TableRow } from '../data/index.ts';
import { isPromise } from '../show.ts';
import type { Json } from '../task/contract.ts';
import type { Example, Source } from '../task/source.ts';
import type { DataSet } from './data-set.ts';
import type { CellPlace, InputField, TargetField } from './field.ts';

/** Makes an input of the cells of a row. */
type RowReader = (values: TableRow['values'], place: Omit<CellPlace, 'columns'>) => unknown;

/** One of the inputs of a task. */
export interface SourceInput {
  readonly name: string;
  readonly read: RowReader;
}

/**
 * Makes what reads a field from rows that stay as they are. It remembers what it made of a row for as long as anybody has the row: tasks
 * that have other inputs beside this one ask for it again.
 */
export function rowReader(columns: readonly string[], field: InputField): RowReader {
  const made = new WeakMap<TableRow['values'], unknown>();
  return (values, place) => {
    if (!made.has(values)) {
      const cells = columns.map((column) => values[column] ?? null);
      const input = field.read(cells, { ...place, columns });
      made.set(values, input);
      // Whoever mends the file that a cell names may ask again.
      if (isPromise(input)) input.then(undefined, () => made.delete(values));
    }
    return made.get(values);
  };
}

/** The target of one of the tasks. */
export interface SourceTarget {
  readonly task: string;
  readonly column: string;
  readonly field: TargetField;
  readonly facts: Json;
}

/** Makes the raw input of a row: that of its only input, or a record of several. */
export async function readInput(
  inputs: readonly SourceInput[],
  values: Readonly<Record<string, Cell>>,
  place: Omit<CellPlace, 'columns'>,
): Promise<unknown> {
  const read = await Promise.all(inputs.map((input) => input.read(values, place)));
  return read.length === 1 ? read[0] : Object.fromEntries(inputs.map(({ name }, i) => [name, read[i]]));
}

/** Makes the source of all tasks with these inputs. `targets` may grow until the source is first read. */
export function fieldSource(
  data: DataSet,
  inputs: readonly SourceInput[],
  targets: readonly SourceTarget[],
): Source<unknown, Readonly<Record<string, unknown>>> {
  const example = async (row: TableRow): Promise<Example<unknown, Readonly<Record<string, unknown>>>> => {
    const place = { row: row.place, folder: data.folder };
    const labels = targets.map(async ({ task, column, field, facts }) => {
      const cell = row.values[column] ?? null;
      return [
        task,
        cell === null ? undefined : await field.read(cell, facts, { ...place, columns: [column] }),
      ] as const;
    });
    const [input, ...found] = await Promise.all([readInput(inputs, row.values, place), ...labels]);
    return { input, target: Object.fromEntries(found as readonly (readonly [string, unknown])[]) };
  };
  return {
    facts: { found: data.path },
    open: () => data.open(),
    get counts() {
      return data.counts;
    },
    read: async (split, indices) => Promise.all((await data.rows(split, indices)).map(example)),
  };
}

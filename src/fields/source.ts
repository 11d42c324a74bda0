import type { Cell, TableRow } from '../data/index.ts';
import type { Json } from '../task/contract.ts';
import type { Example, Source } from '../task/source.ts';
import type { DataSet } from './data-set.ts';
import type { CellPlace, InputField, TargetField } from './field.ts';

/** One of the inputs of a task: the columns that its stem takes. */
export interface SourceInput {
  readonly name: string;
  readonly columns: readonly string[];
  readonly field: InputField;
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
  const read = await Promise.all(
    inputs.map(({ columns, field }) =>
      field.read(
        columns.map((column) => values[column] ?? null),
        { ...place, columns },
      ),
    ),
  );
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

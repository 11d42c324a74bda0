import type { z } from 'zod';
import { checkOptions } from '../check.ts';
import type { TableOptions } from '../data/index.ts';
import type { Bindings } from '../kind/index.ts';
import type { AnyTask } from '../task/task.ts';
import { DataSet } from './data-set.ts';
import { type DataDescription, dataSchema, type InputsDescription, type TargetDescription } from './describe.ts';
import { splitSchema } from './split.ts';
import { buildTasks, lookAt } from './tasks.ts';

/** Where rows come from, and how they are split: what an entry of `data:` of an experiment says. */
export type DataOptions = z.input<typeof dataSchema>;

/**
 * Names a file or folder of rows that tasks learn from. Nothing of it is read before it is asked for.
 * @throws BanyanError `argument` for options that are wrong.
 */
export const dataSet = (options: DataOptions): DataSet => toDataSet(checkOptions('dataSet', dataSchema, options));

/** Makes the data set of what was checked already. */
export function toDataSet(description: DataDescription): DataSet {
  // The label of a folder's files has one form, which is that of its table.
  const { file, folder, label: _, split, missing, skip, ...written } = description;
  const reading = { ...written, ...(skip === undefined ? {} : { onBadRow: { skip } }) };
  return new DataSet({
    ...(file === undefined ? {} : { file }),
    ...(folder === undefined ? {} : { folder }),
    split: split ?? splitSchema.parse({}),
    ...(missing === undefined ? {} : { missing }),
    ...(Object.keys(reading).length === 0 ? {} : { reading: reading as TableOptions }),
  });
}

/** What a task over a data set reads and tells. */
export interface DataTaskOptions {
  /** The columns that it reads, by their names or with a kind for each. Kinds that are left out are guessed. */
  readonly inputs: InputsDescription;
  /** The column that it learns to tell. */
  readonly target: TargetDescription;
  readonly weight?: number;
  readonly learningRate?: number;
}

/**
 * Makes tasks over the columns of a data set: every row is read once, so that fields can learn how their numbers are spread and which
 * words there are. Tasks with the same inputs share their batches.
 * @param bindings binds the kinds of inputs and targets.
 * @throws BanyanError `data` for a column that there is not, a kind that cannot be told, or a cell that is not of its kind.
 */
export async function tasksOver<Name extends string>(
  data: DataSet,
  tasks: Readonly<Record<Name, DataTaskOptions>>,
  bindings: Bindings,
): Promise<Readonly<Record<Name, AnyTask>>> {
  const described = Object.entries<DataTaskOptions>(tasks).map(([name, options]) => ({ name, ...options }));
  const record = await lookAt(data, described, (task) => `Task "${task}"`, bindings);
  const built = buildTasks(data, described, record, bindings);
  return Object.fromEntries(built.map((task) => [task.name, task])) as Record<Name, AnyTask>;
}

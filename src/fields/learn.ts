import { BanyanError } from '../error.ts';
import type { Json } from '../task/contract.ts';
import type { DataSet } from './data-set.ts';
import type { FieldLearner } from './field.ts';
import type { ColumnWatch } from './suspicious.ts';

/** A field that is to learn from its columns. */
export interface Learning {
  readonly key: string;
  readonly columns: readonly string[];
  readonly learner: FieldLearner;
}

/** Lets every field see each row once, in one pass over the file. @returns what they have learned, by their keys. */
export async function learn(
  data: DataSet,
  fields: readonly Learning[],
  watch: ColumnWatch,
): Promise<Readonly<Record<string, Json>>> {
  for await (const { split, row } of data.scan()) {
    for (const { columns, learner } of fields) {
      const cells = columns.map((column) => row.values[column] ?? null);
      await learner.see(cells, { row: row.place, columns, folder: data.folder }, split);
    }
    if (split === 'training') watch.see(row);
  }
  return Object.fromEntries(fields.map(({ key, learner, columns }) => [key, factsOf(learner, data.path, columns)]));
}

function factsOf(learner: FieldLearner, path: string, columns: readonly string[]): Json {
  try {
    return learner.facts();
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    const list = columns.map((column) => `"${column}"`).join(', ');
    throw new BanyanError(error.code, `${path}, column ${list}: ${error.message}`, { cause: error });
  }
}

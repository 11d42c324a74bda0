import { resolve } from 'node:path';
import { z } from 'zod';
import type { FieldRecords } from '../../experiment/data.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { type DataDescription, dataSchema, type FieldRecord } from '../../fields/index.ts';
import { exists, readJson, writeJson } from '../records/json.ts';
import { BASE, runPaths } from './paths.ts';

const plan = z.looseObject({
  name: z.string(),
  columns: z.array(z.string()),
  kind: z.looseObject({ kind: z.string() }),
});
const record = z.object({
  tasks: z.record(z.string(), z.object({ inputs: z.array(plan), target: plan })),
  facts: z.record(z.string(), z.json()),
});
const schema = z.record(z.string(), record);
const baseSchema = z.array(z.object({ data: dataSchema, record }));

/** Keeps beside a run what its columns are taken for, and what was learned of them. */
export const writeFields = (folder: string, records: FieldRecords): Promise<void> =>
  writeJson(runPaths(folder).fields, records);

/**
 * Reads that of a run; undefined for a folder that has none.
 * @throws BanyanError `checkpoint` where the file is damaged.
 */
export async function readFields(folder: string): Promise<FieldRecords | undefined> {
  const { fields } = runPaths(folder);
  if (!(await exists(fields))) return undefined;
  return (await readJson(fields, schema, MEND)) as FieldRecords;
}

const MEND = 'Train the experiment again in another folder.';

/** Rows, and what is known of their columns: tasks over them can be made again without the experiment that described them. */
export interface KnownRows {
  readonly data: DataDescription;
  readonly record: FieldRecord;
}

/** Keeps beside a run that grows a column what is known of the described tasks that were there. */
export const writeBaseFields = (folder: string, known: readonly KnownRows[]): Promise<void> =>
  writeJson(runPaths(folder).baseFields, known);

/**
 * Reads what is known of the described tasks of the network that an experiment grows from: kept beside the experiment where that is a run
 * already, else in the run that the network lies in.
 * @throws BanyanError `checkpoint` where a file is damaged.
 */
export async function readBaseFields(folder: string, base: string): Promise<readonly KnownRows[]> {
  if (resolve(base) === resolve(folder, BASE)) return keptBaseFields(folder);
  if (!(await exists(runPaths(base).experiment))) return [];
  const [{ experiment }, records = {}] = [await loadExperiment(runPaths(base).experiment), await readFields(base)];
  const own = Object.entries(records).map(([name, record]) => ({ data: experiment.data![name]!, record }));
  return [...(await keptBaseFields(base)), ...own];
}

async function keptBaseFields(folder: string): Promise<readonly KnownRows[]> {
  const { baseFields } = runPaths(folder);
  if (!(await exists(baseFields))) return [];
  return (await readJson(baseFields, baseSchema, MEND)) as readonly KnownRows[];
}

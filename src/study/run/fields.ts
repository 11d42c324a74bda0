import { z } from 'zod';
import type { FieldRecords } from '../../experiment/data.ts';
import { exists, readJson, writeJson } from '../records/json.ts';
import { runPaths } from './paths.ts';

const plan = z.looseObject({
  name: z.string(),
  columns: z.array(z.string()),
  kind: z.looseObject({ kind: z.string() }),
});
const schema = z.record(
  z.string(),
  z.object({
    tasks: z.record(z.string(), z.object({ inputs: z.array(plan), target: plan })),
    facts: z.record(z.string(), z.json()),
  }),
);

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
  return (await readJson(fields, schema, 'Train the experiment again in another folder.')) as FieldRecords;
}

import type { AnyTask } from '../task/task.ts';

/** A description is one row of `banyan tasks`. */
export interface TaskDescription {
  readonly name: string;
  readonly modality?: string;
  readonly description?: string;
  readonly licence?: string;
  /** Each split has so many examples; absent where the data is missing or cannot be read. */
  readonly training?: number;
  readonly validation?: number;
  readonly test?: number;
  /** The data lies in this folder or file. */
  readonly found?: string;
  /** This says what is missing or broken, and the mend. */
  readonly missing?: string;
}

/** Describes each task. It never throws: data that is missing or broken is told in `missing`. */
export async function describeTasks(tasks: readonly AnyTask[]): Promise<TaskDescription[]> {
  return Promise.all(tasks.map(describe));
}

async function describe({ name, stem, source }: AnyTask): Promise<TaskDescription> {
  const modality = typeof stem === 'function' && 'modality' in stem ? (stem.modality as string | undefined) : undefined;
  let row: TaskDescription = { name, ...(modality === undefined ? {} : { modality }) };
  try {
    // Facts may be getters that look at the disk: each is read once.
    for (const key of ['description', 'licence', 'found', 'missing'] as const) {
      const value = source.facts?.[key];
      if (value !== undefined) row = { ...row, [key]: value };
    }
    if (row.missing !== undefined) return row;
    await source.open?.();
    const { training, validation, test } = source.counts;
    return { ...row, training, validation, test };
  } catch (error) {
    return { ...row, missing: error instanceof Error ? error.message : String(error) };
  }
}

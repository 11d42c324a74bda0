import { z } from 'zod';
import { checked } from '../checkpoint/index.ts';
import type { Json } from '../task/contract.ts';

/** The schema of a saved list of finite numbers, one a task, or null where there is none yet. */
export const savedNumbers = (tasks: number) => z.array(z.number().nullable()).length(tasks);

/**
 * Reads what a sampler kept from step to step, as it was saved.
 * @throws BanyanError `checkpoint` for what the sampler does not write.
 */
export const savedState = <Schema extends z.ZodType>(sampler: string, schema: Schema, state: Json): z.output<Schema> =>
  checked(schema, state, `${sampler}: the saved state of the sampler`);

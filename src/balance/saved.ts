import { z } from 'zod';
import { checked } from '../checkpoint/index.ts';
import type { Json } from '../task/contract.ts';

/** The schema of numbers in a saved state: JSON has no NaN, and writes null. */
export const savedNumbers = z.array(
  z.custom<number>((value) => typeof value === 'number' || value === null, 'expected a number'),
);

/**
 * Reads what a method kept from step to step, as it was saved.
 * @throws BanyanError `checkpoint` for what the method does not write.
 */
export const savedState = <Schema extends z.ZodType>(method: string, schema: Schema, state: Json): z.output<Schema> =>
  checked(schema, state, `${method}: the saved state`);

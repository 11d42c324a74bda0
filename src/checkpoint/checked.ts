import type { z } from 'zod';
import { BanyanError } from '../error.ts';
import { show } from '../show.ts';

/**
 * Data that was read from a file, as its schema says it is. `where` names the file, or the part of it.
 * @throws BanyanError `checkpoint` with the first place that is not, what was expected and what stands there.
 */
export function checked<Schema extends z.ZodType>(schema: Schema, data: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const { path } = issue;
  // Of a record's key it is said inside what is wrong with it.
  const { message } = (issue.code === 'invalid_key' && issue.issues[0]) || issue;
  const found = path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], data);
  throw new BanyanError(
    'checkpoint',
    `${where}: ${path.length === 0 ? 'its content' : path.join('.')} is ${show(found)}, ${expectation(message)}. Use another copy, or another checkpoint.`,
    { cause: result.error },
  );
}

/** zod's `Invalid input: expected number, received string` as what was expected. */
const expectation = (message: string): string =>
  message
    .replace(/^[^:]*: /, '')
    .replace(/, received .*$/, '')
    .replace(/^(?!expected)/, 'which is not right: ');

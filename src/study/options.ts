import { z } from 'zod';
import { count, text } from '../check.ts';

const names = z.array(text, 'a list of names').min(1, 'a list of at least one name');

// The leaves of what a study is given by a program.
export const leaves = {
  names,
  seeds: count,
  out: text.optional(),
  set: z.record(z.string(), z.unknown(), 'an object with values by the places of an experiment').optional(),
  signal: z.instanceof(AbortSignal, { error: 'an AbortSignal' }).optional(),
};

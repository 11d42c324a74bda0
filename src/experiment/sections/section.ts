import { z } from 'zod';
import { didYouMean } from '../../nearest.ts';
import { unknownText } from '../problems.ts';

// The message of a leaf is what was expected; problems.ts puts path, received value and mend around it.

const SEED = 'a whole number from 0 to 2^53 - 1';
/** The leaf of a seed. */
export const seed = z.int(SEED).min(0, SEED);

const NAME = 'a text that is not empty';
/** The leaf of a name or a path. */
export const name = z.string(NAME).min(1, NAME);

/** Makes the schema of a section whose unknown keys are errors; for those the message is whole, one line for each key. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `a section with ${keys.join(', ')}`;
      return unknownText(
        issue.keys,
        (key) =>
          `is no key of an experiment. Expected one of: ${keys.join(', ')}. ${didYouMean(key, keys, 'Remove it.')}`,
      );
    },
  });
}

/** Makes the schema of a list that is not empty and names nothing twice. */
export const list = <Item extends z.ZodType>(item: Item, items: string) =>
  z
    .array(item, `a list of ${items}`)
    .min(1, `a list of at least one of the ${items}`)
    .refine((values) => new Set(values.map(keyOf)).size === values.length, {
      error: `a list that names none of the ${items} twice`,
      params: { mend: 'Remove what is there twice.' },
    });

const keyOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Words an issue that says where a key has to go. */
export const leftOut = (where: string) => ({ error: `left out ${where}`, params: { mend: 'Remove it.' } });

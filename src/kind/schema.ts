import { z } from 'zod';
import { didYouMean } from '../nearest.ts';
import type { KindData } from './kind.ts';

/** A kind by its name, with the schema of its options. */
export interface KindOptions {
  readonly kind: string;
  readonly about: string;
  readonly options: z.ZodObject;
}

/** What a schema of kinds was made of, for whoever lists them: `schema.meta()`. */
export interface KindMeta {
  /** What one of them is called: `trunk`. */
  readonly family: string;
  readonly kinds: readonly KindOptions[];
  /** Keys that a section of any of these kinds may have beside the options. */
  readonly beside: z.core.$ZodLooseShape;
  [key: string]: unknown;
}

/** A list of unknown keys is told as far as anybody reads it. */
const MOST_TOLD = 10;

/**
 * Makes the schema of one out of several kinds: its name, or a section with `kind` and its options. It gives a section with what it was
 * given and no more. The message of an issue says what was expected, after the words "must be"; for unknown keys it is a line each.
 * @param open whether other kinds than these may be named; what is said of them is not looked at.
 */
export function kindSchema(
  family: string,
  kinds: readonly KindOptions[],
  beside: z.core.$ZodLooseShape,
  open: boolean,
): z.ZodType<KindData> {
  const names = kinds.map(({ kind }) => kind);
  const oneOfThem = `one of ${names.map((name) => `"${name}"`).join(', ')}`;
  const read = (data: unknown, context: z.core.$RefinementCtx): KindData => {
    const fail = (path: PropertyKey[], message: string, mend?: string) => {
      context.addIssue({ code: 'custom', path, message, input: data, params: mend === undefined ? {} : { mend } });
      return z.NEVER;
    };
    const isName = typeof data === 'string' && (open || names.includes(data));
    const section = isName ? { kind: data } : data;
    if (!isSection(section)) {
      const mend = typeof data === 'string' ? mendFor(data, names) : undefined;
      return fail([], `${oneOfThem}, or a section with kind`, mend);
    }
    const { kind: name, ...given } = section;
    const kind = kinds.find(({ kind }) => kind === name);
    if (kind === undefined && open && typeof name === 'string') return { ...given, kind: name };
    if (kind === undefined) return fail(['kind'], oneOfThem, mendFor(name, names));
    const options = Object.entries(given).filter(([key]) => !Object.hasOwn(beside, key));
    const others = Object.entries(given).filter(([key]) => Object.hasOwn(beside, key));
    const known = Object.keys(kind.options.shape);
    const unknown = options.map(([key]) => key).filter((key) => !known.includes(key));
    if (unknown.length > 0) {
      const keys = ['kind', ...known, ...Object.keys(beside)];
      const message = unknown
        .slice(0, MOST_TOLD)
        .map((key) => `is no option of ${kind.kind}. Expected one of: ${keys.join(', ')}. ${mendForKey(key, keys)}`)
        .join('\n');
      context.addIssue({ code: 'unrecognized_keys', keys: unknown, input: section, message });
    }
    const isKnown = options.filter(([key]) => known.includes(key));
    const checked = kind.options.safeParse(Object.fromEntries(isKnown));
    const checkedOthers = z.object(beside).safeParse(Object.fromEntries(others));
    for (const { error } of [checked, checkedOthers])
      for (const issue of error?.issues ?? []) context.addIssue({ ...issue, input: undefined } as z.core.$ZodRawIssue);
    return { kind: kind.kind, ...given, ...checkedOthers.data };
  };
  const meta: KindMeta = { family, kinds, beside };
  return z.unknown().transform(read).meta(meta);
}

const isSection = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const mendFor = (name: unknown, names: readonly string[]): string => {
  if (name === undefined) return 'Add it.';
  const otherwise = 'Name one of these, or add the plugin that brings it.';
  return typeof name === 'string' ? didYouMean(name, names, otherwise) : otherwise;
};

const mendForKey = (key: string, keys: readonly string[]): string => didYouMean(key, keys, 'Remove it.');

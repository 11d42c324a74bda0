import type { z } from 'zod';
import { mendOf, valueAt } from '../check.ts';
import { show } from '../show.ts';

export type Path = readonly PropertyKey[];

export function showPath(path: Path): string {
  return path.map(String).join('.');
}

/** One thing that is wrong with an experiment. */
export interface Problem {
  readonly path: Path;
  readonly text: string;
}

/** Finds what is wrong within a section where there might have been something else. */
function* within(issues: readonly z.core.$ZodIssue[], data: unknown): Generator<z.core.$ZodIssue> {
  for (const issue of issues) yield* withinUnion(issue, data);
}

function withinUnion(issue: z.core.$ZodIssue, data: unknown): readonly z.core.$ZodIssue[] {
  const value = valueAt(data, issue.path);
  if (issue.code !== 'invalid_union' || typeof value !== 'object' || value === null) return [issue];
  const section = issue.errors.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (section.length !== 1) return [issue];
  return section[0]!.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** So many problems are told at once. */
const MOST_TOLD = 10;

/** Words the first problems that zod found, as sentences (the path, what was expected, what was received, the mend), and how many there are. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
): { readonly first: readonly Problem[]; readonly all: number } {
  const first: Problem[] = [];
  const seen = new Set<string>();
  /** Whether the problem is to be told. */
  const isTold = (path: Path): boolean =>
    seen.size < seen.add(JSON.stringify(path.map(String))).size && seen.size <= MOST_TOLD;
  for (const issue of within(issues, data)) {
    if (issue.code === 'unrecognized_keys') {
      const texts = issue.message.split('\n');
      for (const [i, key] of issue.keys.entries()) {
        const path = [...issue.path, key];
        if (isTold(path)) first.push({ path, text: `${showPath(path)} ${texts[i]}` });
      }
      continue;
    }
    const { path } = issue;
    // A number may fail two checks of one sentence.
    if (!isTold(path)) continue;
    first.push({ path, text: `${faultOf(issue, data, 'an experiment')}. ${mendIn(issue, valueAt(data, path))}` });
  }
  return { first, all: seen.size };
}

/** The mend, in the words of a file, whose objects are sections. */
const mendIn = (issue: z.core.$ZodIssue, value: unknown): string =>
  mendOf(issue, value).replace('an object instead', 'a section instead');

/** Says in one clause what a message of zod that says what was expected means. `whole`: the name of all data. */
export function faultOf({ path, message }: z.core.$ZodIssue, data: unknown, whole: string): string {
  const name = path.length === 0 ? whole : showPath(path);
  return `${name} must be ${message}, received ${show(valueAt(data, path))}`;
}

/** Writes one line for each of the first keys that are not known: the others are not told. */
export const unknownText = (keys: readonly string[], textOf: (key: string) => string): string =>
  keys.slice(0, MOST_TOLD).map(textOf).join('\n');

import type { z } from 'zod';
import { show } from '../../show.ts';

export type Path = readonly PropertyKey[];

export function showPath(path: Path): string {
  return path.map(String).join('.');
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], data);
}

/** One thing that is wrong with an experiment. */
export interface Problem {
  readonly path: Path;
  readonly text: string;
}

/** What zod found, as sentences: the path, what was expected, what was received, the mend. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      const texts = issue.message.split('\n');
      for (const [i, key] of issue.keys.entries()) {
        const path = [...issue.path, key];
        problems.push({ path, text: `${showPath(path)} ${texts[i]}` });
      }
      continue;
    }
    // A number may fail two checks of one sentence.
    const { path } = issue;
    if (problems.some((problem) => showPath(problem.path) === showPath(path))) continue;
    const received = valueAt(data, path);
    const mend = received === undefined ? 'Add it.' : 'Correct it.';
    const name = path.length === 0 ? 'an experiment' : showPath(path);
    problems.push({ path, text: `${name} must be ${issue.message}, received ${show(received)}. ${mend}` });
  }
  return problems;
}

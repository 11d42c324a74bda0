import { showPath } from '../../experiment/problems.ts';
import type { Experiment } from '../../experiment/schema.ts';
import { show } from '../../show.ts';

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where two experiments differ, as `transfer.seeds is 3 here, was 5`. */
function differences(before: unknown, now: unknown, path: readonly string[] = []): readonly string[] {
  if (isSection(before) && isSection(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.flatMap((key) => differences(before[key], now[key], [...path, key]));
  }
  if (JSON.stringify(before) === JSON.stringify(now)) return [];
  return [`${showPath(path)} is ${show(now)}, was ${show(before)}`];
}

/** Where two experiments differ in what changes numbers: a name does not, nor the digest of a file that one of them does not know yet. */
export const experimentDifferences = (before: Experiment, now: Experiment): readonly string[] =>
  // As it is written, so without what is undefined.
  differences(withoutNewDigests(before, now), JSON.parse(JSON.stringify({ ...now, name: before.name })));

const withoutNewDigests = (before: Experiment, now: Experiment): Experiment =>
  before.pretrained === undefined
    ? before
    : {
        ...before,
        pretrained: before.pretrained.map(({ sha256, ...file }, i) =>
          now.pretrained?.[i]?.sha256 === undefined ? file : { ...file, sha256 },
        ),
      };

import { join } from 'node:path';
import type { StudyFiles } from '../folder.ts';

export const TRANSFER_FILES: StudyFiles = {
  experiment: 'experiment.json',
  parts: 'sources',
  expected: 'the same one',
};

/** Says what the folder of a transfer experiment holds. */
export function transferPaths(folder: string) {
  return {
    /** A line for each finished run. */
    runs: join(folder, 'runs.jsonl'),
    /** Written last. */
    result: join(folder, 'result.json'),
    /** A trained source network. */
    source: (name: string, seed: number) => join(folder, 'sources', `${name}-seed-${seed}`),
    /** What it reached on held-out examples. */
    sourceMetrics: (name: string, seed: number) => join(folder, 'sources', `${name}-seed-${seed}.json`),
  };
}

import { join } from 'node:path';
import type { StudyFiles } from '../folder.ts';
import { SMALLER } from '../run/folder.ts';

export const SMALLER_FILES: StudyFiles = {
  experiment: SMALLER,
  parts: 'points',
  expected: 'smaller networks of the same run',
};

/** Says what a folder of smaller networks holds. */
export function smallerPaths(folder: string) {
  return {
    points: join(folder, 'points'),
    /** What was measured of one network. */
    point: (name: string) => join(folder, 'points', `${name}.json`),
    /** A smaller network, in the folder of a run. */
    network: (name: string) => join(folder, 'networks', name),
    /** Where an interrupted training goes on from. */
    checkpoints: (name: string) => join(folder, 'checkpoints', name),
    result: join(folder, 'result.json'),
    /** The same as a table, a line for each network, form of its weights and task. */
    table: join(folder, 'curve.csv'),
    page: join(folder, 'smaller.html'),
  };
}

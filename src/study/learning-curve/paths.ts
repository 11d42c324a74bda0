import { join } from 'node:path';
import type { StudyFiles } from '../folder.ts';
import { LEARNING_CURVE } from '../run/folder.ts';

export const LEARNING_CURVE_FILES: StudyFiles = {
  experiment: LEARNING_CURVE,
  parts: 'points',
  expected: 'learning curves of the same experiment',
};

/** Says what the folder of a learning curve holds. */
export function learningCurvePaths(folder: string) {
  return {
    /** What one training reached. */
    point: (name: string) => join(folder, 'points', `${name}.json`),
    result: join(folder, 'result.json'),
    page: join(folder, 'learning-curve.html'),
  };
}

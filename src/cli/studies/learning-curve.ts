import { type LearningCurveOptions, learningCurve } from '../../study/learning-curve/learning-curve.ts';
import { learningCurvePaths } from '../../study/learning-curve/paths.ts';
import { learningCurveText } from '../../study/learning-curve/tables.ts';
import { showInProcess } from './in-process.ts';
import type { StudyPresentation } from './show.ts';

/** Measures a learning curve by an experiment's file, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function learningCurveCommand(
  file: string,
  request: LearningCurveOptions,
  { json, setting }: StudyPresentation,
): Promise<number> {
  const goOn = (folder: string) => `Go on with: banyan learning-curve ${file}${setting} --out ${folder}`;
  return showInProcess((signal) => learningCurve(file, { ...request, signal }), {
    json,
    kept: 'finished runs',
    outcome: (_, { examples, metric, value }, stored) =>
      stored ? undefined : `${examples} examples, ${metric} ${value.toFixed(4)}`,
    goOn,
    result: (result, folder) =>
      `${learningCurveText(result)}\n\nAll points are in ${folder}, a picture in ${learningCurvePaths(folder).page}`,
  });
}

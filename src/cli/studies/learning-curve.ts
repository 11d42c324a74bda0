import { type LearningCurveOptions, learningCurve } from '../../study/learning-curve/learning-curve.ts';
import { learningCurvePaths } from '../../study/learning-curve/paths.ts';
import { learningCurveText } from '../../study/learning-curve/tables.ts';
import { tellParent } from '../../study/process/parent.ts';
import { onInterrupt } from '../../study/process/signals.ts';
import { INTERRUPTED, type StudyPresentation, showStudy } from './show.ts';

/** Measures a learning curve by an experiment's file, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function learningCurveCommand(
  file: string,
  request: LearningCurveOptions,
  { json, setting }: StudyPresentation,
): Promise<number> {
  const stopping = new AbortController();
  let release = () => {};
  const goOn = (folder: string) => `Go on with: banyan learning-curve ${file}${setting} --out ${folder}`;
  try {
    return await showStudy(learningCurve(file, { ...request, signal: stopping.signal }), {
      json,
      started: ({ folder, stored, runs }) => {
        // Until then there is nothing to go on with, and a signal ends the process as it ends any other.
        release = onInterrupt(
          () => stopping.abort(),
          () => process.exit(INTERRUPTED),
        );
        tellParent({ kind: 'safety', text: `Its finished runs are in ${folder}. ${goOn(folder)}` });
        return stored > 0 ? `going on in ${folder}: ${stored} of ${runs} runs are there` : undefined;
      },
      outcome: (_, { examples, metric, value }, stored) =>
        stored ? undefined : `${examples} examples, ${metric} ${value.toFixed(4)}`,
      goOn,
      result: (result, folder) =>
        `${learningCurveText(result)}\n\nAll points are in ${folder}, a picture in ${learningCurvePaths(folder).page}`,
    });
  } finally {
    release();
  }
}

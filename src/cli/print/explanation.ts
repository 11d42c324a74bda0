import { metricsTable } from '../../report/index.ts';
import type { TaskExplanation } from '../../study/run/explain.ts';

/** Says of each task what its head has learned, and what it reaches by rules that were read from a file. */
export const explanationText = (explanations: readonly TaskExplanation[]): string =>
  explanations
    .map(({ task, sentences, metrics }) => {
      const measured = metrics === undefined ? [] : ['By these rules:', metricsTable({ [task]: metrics })];
      return [`${task}:`, ...sentences, ...measured].join('\n');
    })
    .join('\n\n');

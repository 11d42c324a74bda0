import { metricsTable } from '../../report/index.ts';
import type { Evaluation, FigureOfTask } from '../../study/run/evaluate.ts';

/** Says what was measured: of each task its figures, and beside the accuracy what chance and a linear model reach. */
export function evaluationText({ metrics, splits, examples, chance, linear = {} }: Evaluation): string {
  const rows = Object.entries(metrics).map(([task, { accuracy, ...others }]) => [
    task,
    {
      ...(accuracy === undefined ? {} : { accuracy }),
      ...named('by chance', chance[task]),
      ...named('linear model', linear[task]),
      ...others,
    },
  ]);
  return metricsTable(Object.fromEntries(rows), splits, examples);
}

const named = (title: string, figure: number | undefined): FigureOfTask =>
  figure === undefined ? {} : { [title]: figure };

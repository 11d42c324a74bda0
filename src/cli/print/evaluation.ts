import { metricsTable } from '../../report/index.ts';
import type { Evaluation, FigureOfTask } from '../../study/run/evaluate.ts';

/** Says what was measured: of each task its figures, and beside the first of them what chance and a linear model reach. */
export function evaluationText({ metrics, splits, examples, chance, linear = {} }: Evaluation): string {
  const rows = Object.entries(metrics).map(([task, { accuracy, rmse, ...others }]) => [
    task,
    {
      ...named('accuracy', accuracy),
      ...named('rmse', rmse),
      ...named(rmse === undefined ? 'by chance' : 'rmse of the mean', chance[task]),
      ...named(rmse === undefined ? 'linear model' : 'rmse of a linear model', linear[task]),
      ...others,
    },
  ]);
  return metricsTable(Object.fromEntries(rows), splits, examples);
}

const named = (title: string, figure: number | undefined): FigureOfTask =>
  figure === undefined ? {} : { [title]: figure };

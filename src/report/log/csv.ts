import { join } from 'node:path';
import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { StepEvent } from '../../train/index.ts';
import { CsvFile, type Row } from './csv-file.ts';
import type { Logger } from './logger.ts';

/** Makes the log in two tables: `steps.csv` with a row for each step, and `evaluations.csv` with one for each evaluation. */
export function csvLogger(): Logger {
  return {
    kind: 'csv',
    open: ({ folder }) => {
      const steps = new CsvFile(join(folder, 'steps.csv'));
      const evaluations = new CsvFile(join(folder, 'evaluations.csv'));
      let tasks: readonly string[] = [];
      return {
        write: (event) => {
          if (event.kind === 'start') {
            tasks = event.tasks;
            for (const file of [steps, evaluations]) file.keepUpTo(event.step);
          }
          if (event.kind === 'step') steps.add(rowOf(event, tasks));
          if (event.kind === 'evaluation') {
            const { step, milliseconds, metrics, averaged = {} } = event;
            const values = [
              ...Object.entries(metrics).flatMap(([task, figures]) => named(task, figures)),
              ...Object.entries(averaged).flatMap(([task, figures]) => named(task, figures, '-averaged')),
            ];
            evaluations.add({ step, milliseconds, ...Object.fromEntries(values) });
          }
        },
        close: async () => {},
      };
    },
  };
}

/** `csvLogger`, as files name it. */
export const csvKind: Kind<Logger> = {
  kind: 'csv',
  about: 'Two tables: steps.csv, and evaluations.csv.',
  options: optionsOf('csv', {}),
  build: csvLogger,
};

const named = (before: string, figures: Readonly<Record<string, number>>, after = '') =>
  Object.entries(figures).map(([name, value]) => [`${before}.${name}${after}`, value] as const);

/** A task that a step says nothing of has an empty cell; so all steps have the same columns. */
function rowOf(event: StepEvent, tasks: readonly string[]): Row {
  const { step, milliseconds, learningRate, learningRates, gradientNorm, auxiliary, losses, labelled, balance } = event;
  const perTask = (name: string, figures: Readonly<Partial<Record<string, number>>> | undefined) =>
    figures === undefined ? [] : tasks.map((task) => [`${name}.${task}`, figures[task]] as const);
  return {
    step,
    milliseconds,
    learningRate,
    ...Object.fromEntries(perTask('learningRate', learningRates)),
    gradientNorm,
    ...(auxiliary === undefined ? {} : { auxiliary }),
    ...Object.fromEntries(
      [perTask('loss', losses), perTask('labelled', labelled), perTask('weight', balance?.weights)].flat(),
    ),
  };
}

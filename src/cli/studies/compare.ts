import { type CompareOptions, compare } from '../../study/compare/compare.ts';
import { comparisonPaths } from '../../study/compare/folder.ts';
import { reached } from '../../study/compare/result.ts';
import { comparisonText } from '../../study/compare/tables.ts';
import { onSignal } from '../../study/process/signals.ts';
import { type StudyPresentation, showStudy } from './show.ts';

type CompareRequest = CompareOptions & Required<Pick<CompareOptions, 'methods' | 'seeds'>>;

/** Compares by an experiment's file, shows how it goes, and returns the exit code. A signal interrupts it. */
export async function compareCommand(
  file: string,
  request: CompareRequest,
  { json, setting }: StudyPresentation,
): Promise<number> {
  const { methods, sharing, seeds } = request;
  const flags = [
    `--methods ${methods.join(',')}`,
    ...(sharing === undefined ? [] : [`--sharing ${sharing.join(',')}`]),
    `--seeds ${seeds}`,
  ].join(' ');
  const stopping = new AbortController();
  // Its name goes on to the run.
  const release = onSignal((signal) => stopping.abort(signal));
  try {
    return await showStudy(compare(file, { ...request, signal: stopping.signal }), {
      json,
      outcome: ({ tasks }, run) => {
        const figures = tasks.map((task) => `${task} ${run.leading[task]!.metric} ${reached(run, task).toFixed(3)}`);
        return `${figures.join(', ')}, ${run.seconds.toFixed(1)} s`;
      },
      goOn: (folder) => `Go on with: banyan compare ${file} ${flags}${setting} --out ${folder}`,
      result: (result, folder) =>
        `${comparisonText(result)}\n\nAll runs are in ${folder}, pictures in ${comparisonPaths(folder).page}`,
    });
  } finally {
    release();
  }
}

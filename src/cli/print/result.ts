import { metricsTable } from '../../report/index.ts';
import { runPaths } from '../../study/run/paths.ts';
import type { RunEvent, WrittenPage } from '../../study/run/run-event.ts';
import { graphsNote } from './graphs.ts';

/** Says what a run came to, and where all of it is. */
export function resultText(
  { folder, result: { metrics, splits }, report, graphs }: Extract<RunEvent, { kind: 'result' }>,
  profile: boolean,
): string {
  const lines = [`\n${metricsTable(metrics, splits)}\n\nThe run is in ${folder}`];
  if (report !== undefined) {
    lines.push(
      'page' in report
        ? `How it went, and what the network makes of some examples: ${report.page}`
        : `No report was written: ${report.error}`,
    );
  }
  if (profile) {
    const { profile: path } = runPaths(folder);
    lines.push(
      `Where the time of a step goes: ${path}, for the viewers of Chrome (chrome://tracing) and Perfetto`,
      graphsNote(graphs),
    );
  }
  return lines.join('\n');
}

/** Says where to see what a new column's tasks listen to. */
export const columnsNote = (columns: WrittenPage): string =>
  'page' in columns
    ? `What its tasks listen to: ${columns.page}`
    : `What its tasks listen to was not measured: ${columns.error}`;

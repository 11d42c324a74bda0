import { stringify } from 'yaml';
import type { Experiment } from '../../experiment/schema.ts';
import type { Summary } from '../../network/index.ts';
import { formatCount, type MeasuredSplits, metricsTable, renderTable } from '../../report/index.ts';
import type { Metrics, TrainingEvent } from '../../train/index.ts';
import { readEvents } from './event-log.ts';
import { readResult, runPaths } from './folder.ts';
import { findSaved } from './saved.ts';
import { buildNetwork, loadSaved, type Session } from './session.ts';

/** What there is to say of a run. */
export interface Inspection {
  readonly folder: string;
  readonly experiment: Experiment;
  readonly network: Summary;
  readonly step: number;
  /** Absent for a run that never began. */
  readonly steps?: number;
  readonly complete: boolean;
  /** Of a complete run its result's, else of the last evaluation. */
  readonly metrics?: Metrics;
  /** The split of each task's metrics. */
  readonly splits?: MeasuredSplits;
}

export async function inspectRun(session: Session, folder: string): Promise<Inspection> {
  // A saved network is read without its tasks' data; one that was never saved has to look at it.
  const saved = await findSaved(folder);
  const network = saved === undefined ? await buildNetwork(session) : await loadSaved(session, saved);
  const summary = network.summary();
  network.dispose();
  const events = readEvents(runPaths(folder).events);
  const result = await readResult(folder);
  const steps = events.find((event) => event.kind === 'start')?.steps;
  const { metrics, splits } = result ?? validated(events);
  return {
    folder,
    experiment: session.loaded.experiment,
    network: summary,
    step: result?.steps ?? events.at(-1)?.step ?? 0,
    ...(steps === undefined ? {} : { steps }),
    complete: result !== undefined,
    ...(metrics === undefined ? {} : { metrics, splits }),
  };
}

/** The metrics of the last evaluation of a training; each is on the validation split. */
function validated(events: readonly TrainingEvent[]): Pick<Inspection, 'metrics' | 'splits'> {
  const metrics = events.findLast((event) => event.kind === 'evaluation')?.metrics;
  if (metrics === undefined) return {};
  return { metrics, splits: Object.fromEntries(Object.keys(metrics).map((task) => [task, 'validation'])) };
}

export function inspectionText(inspection: Inspection): string {
  const { folder, experiment, network, step, steps, complete, metrics, splits } = inspection;
  const rows = [
    ...network.stems.map(({ name, modality, parameters, tasks }) => [
      'stem',
      name,
      modality + (tasks.length > 1 ? `, for ${tasks.join(', ')}` : ''),
      formatCount(parameters),
    ]),
    ...network.columns.map(({ kind, sharing, width, depth, parameters: { own, lateral } }, i) => [
      'column',
      String(i),
      `${kind}, width ${width}, depth ${depth}${sharing === undefined ? '' : `, shared by ${sharing}`}`,
      formatCount(own + lateral),
    ]),
    ...network.heads.map(({ name, parameters }) => ['head', name, '', formatCount(parameters)]),
    ['all', '', '', formatCount(network.parameters)],
  ];
  const table = renderTable(
    [{ title: 'part' }, { title: 'name' }, { title: 'kind' }, { title: 'parameters', align: 'right' }],
    rows,
  );
  const state = complete ? 'complete' : 'not complete';
  const done = `${folder}: ${state}, step ${formatCount(step)}${steps === undefined ? '' : ` of ${formatCount(steps)}`}`;
  const measured = metrics === undefined ? [] : ['', metricsTable(metrics, splits)];
  return [done, '', table, ...measured, '', stringify(experiment).trimEnd()].join('\n');
}

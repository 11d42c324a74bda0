import type { Team } from '../../cluster/index.ts';
import { internals, type Network } from '../../network/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { writeColumns } from './columns.ts';
import { readEvents } from './events.ts';
import { finalMetrics } from './final-metrics.ts';
import { runPaths } from './paths.ts';
import { writeReport } from './report.ts';
import { type LeadingMetric, writeCost, writeResult } from './result.ts';
import type { RunOptions, WrittenPage } from './run-event.ts';
import type { Session } from './session.ts';

/** What a training that has come to its end tells of itself. */
interface Trained extends Pick<RunOptions, 'tell'> {
  readonly steps: number;
  /** What the steps of this process took. */
  readonly milliseconds: number;
  /** Whether all events are in the run's log. */
  readonly logged: boolean;
  /** Whether a page about the run was asked for. */
  readonly report: boolean;
  /** Those that measure it together with this process, the chief. */
  readonly team?: Team | undefined;
}

/** Saves a run's trained network, measures it on held-out examples, and writes the result: last, since a run that has one is complete. */
export async function finishRun(
  session: Session,
  network: Network,
  folder: string,
  { steps, milliseconds, logged, report: wanted, team, tell }: Trained,
): Promise<void> {
  const { experiment } = session.loaded;
  const paths = runPaths(folder);
  const peakMemoryMB = Math.round(process.resourceUsage().maxRSS / 1024);
  await network.save(paths.network);
  const { metrics, splits } = await finalMetrics(network, experiment.training.sourceTimeout, team);
  const report = wanted ? await written(writeReport(experiment, network, folder, metrics)) : undefined;
  const seconds = inSeconds(logged ? loggedMilliseconds(readEvents(paths.events)) : milliseconds);
  await writeCost(folder, { seconds, peakMemoryMB });
  const result = { steps, metrics, splits, leading: leadingMetrics(network) };
  await writeResult(folder, result);
  const { graphs } = internals(network).body.runner;
  tell({ kind: 'result', folder, result, graphs, ...(report === undefined ? {} : { report }) });
  if (session.base === undefined) return;
  const columns = await written(writeColumns(network, folder).then(({ page }) => page));
  tell({ kind: 'columns', columns });
}

/** The first metric of each task's head, which the task is judged by. */
const leadingMetrics = (network: Network): Record<string, LeadingMetric> =>
  Object.fromEntries(
    internals(network).body.tasks.flatMap(({ name, head: { metrics } }) =>
      metrics
        .slice(0, 1)
        .map((first) => [name, { metric: first.name, higherIsBetter: first.higherIsBetter !== false }]),
    ),
  );

/** What all steps in a log took: an interrupted and resumed run has one log. */
const loggedMilliseconds = (events: readonly TrainingEvent[]): number =>
  events.reduce((sum, event) => (event.kind === 'step' ? sum + event.milliseconds : sum), 0);

const inSeconds = (milliseconds: number): number => Number((milliseconds / 1000).toFixed(2));

/** A run is complete without its pages, whatever is missing for them. */
const written = (page: Promise<string>): Promise<WrittenPage> =>
  page.then(
    (path) => ({ page: path }),
    (error: Error) => ({ error: error.message }),
  );

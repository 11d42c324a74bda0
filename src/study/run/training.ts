import picocolors from 'picocolors';
import { connectable, type Observable, type Subscription } from 'rxjs';
import { BanyanError } from '../../error.ts';
import { evaluate } from '../../evaluate/index.ts';
import { buildTrainOptions, given } from '../../experiment/build.ts';
import type { CheckedExperiment } from '../../experiment/load.ts';
import { measuredSplit, type Network } from '../../network/index.ts';
import { jsonlReport, linesReport, type MeasuredSplits, metricsTable, terminalReport } from '../../report/index.ts';
import { type Metrics, resume, type TrainingEvent, type TrainOptions, train } from '../../train/index.ts';
import { type LivePage, watch } from '../../watch/index.ts';
import { tellParent } from '../process/parent.ts';
import { writeColumns } from './columns.ts';
import { EventLog, readEvents } from './event-log.ts';
import { keepExperiment, type LeadingMetric, runPaths, writeCost, writeResult } from './folder.ts';
import { graphsNote } from './graphs.ts';
import { onInterrupt } from './interrupt.ts';
import { titleOf, writeReport } from './report.ts';
import { checkpointsOf } from './saved.ts';
import { buildNetwork, type Session } from './session.ts';
import { Standing } from './standing.ts';

const FAILURE = 1;
const INTERRUPTED = 130;

/** What shows a training to people or programs. */
function report(events: Observable<TrainingEvent>, json: boolean): Subscription {
  const write = (text: string) => void process.stdout.write(text);
  if (json) return jsonlReport(events, write);
  return process.stdout.isTTY
    ? terminalReport(events, process.stdout, { colors: picocolors.isColorSupported })
    : linesReport(events, write);
}

/** Metrics of the tasks that have held-out examples, and the split of each. */
async function finalMetrics(
  network: Network,
  { sourceTimeout }: Pick<TrainOptions, 'sourceTimeout'>,
): Promise<{ metrics: Metrics; splits: MeasuredSplits }> {
  const tasks = network.tasks.filter(({ source }) => {
    const count = source.counts[measuredSplit(source)];
    return count > 0 && Number.isFinite(count);
  });
  return {
    metrics:
      tasks.length === 0 ? {} : await evaluate(network, given({ tasks: tasks.map(({ name }) => name), sourceTimeout })),
    splits: Object.fromEntries(tasks.map(({ name, source }) => [name, measuredSplit(source)])),
  };
}

const leadingOf = (network: Network): Record<string, LeadingMetric> =>
  Object.fromEntries(
    network.body.tasks.flatMap(({ name, head: { metrics } }) =>
      metrics
        .slice(0, 1)
        .map((first) => [name, { metric: first.name, higherIsBetter: first.higherIsBetter !== false }]),
    ),
  );

/** Of all steps in a log: an interrupted and resumed run has one. */
function trainingSeconds(events: readonly TrainingEvent[]): number {
  return inSeconds(events.reduce((sum, event) => (event.kind === 'step' ? sum + event.milliseconds : sum), 0));
}

const inSeconds = (milliseconds: number): number => Number((milliseconds / 1000).toFixed(2));

/** How a run is shown. */
export interface Showing {
  /** To programs, in place of people. */
  readonly json: boolean;
  /** Whether a profile is written. */
  readonly profile?: boolean;
  /** Where people can watch it. */
  readonly watch?: { readonly port: number };
}

/**
 * Trains the run in `folder` to its end, from its newest checkpoint where it has one. Returns the exit code: 0, 130 when it was
 * interrupted, or 1 when what it had reached by then could not be saved.
 */
export async function runTraining(
  session: Session,
  network: Network,
  folder: string,
  { json, profile = false, watch: watched }: Showing,
): Promise<number> {
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const tellPeople = (text: string) => void (json ? process.stderr : process.stdout).write(`\n${text}\n`);
  const { experiment } = session.loaded;
  const paths = runPaths(folder);
  const interrupted = new AbortController();
  const options = {
    ...buildTrainOptions(experiment, paths.checkpoints, session.found.container),
    ...(profile ? { profile: paths.profile } : {}),
    signal: interrupted.signal,
  };
  const standing = new Standing(folder, options.checkpoint !== undefined);
  const hasCheckpoint = (await checkpointsOf(folder)).length > 0;
  // All subscribers are there before the training starts.
  const events = connectable(hasCheckpoint ? resume(network, paths.checkpoints, options) : train(network, options));
  const page = watched && (await showPage(events, network, { ...watched, title: titleOf(folder) }));
  if (page !== undefined) {
    if (json) process.stdout.write(`${JSON.stringify({ kind: 'watch', url: page.url })}\n`);
    else say(`Watch it at ${page.url}`);
  }
  const shown = report(events, json);
  let training = true;
  const leave = () => {
    shown.unsubscribe();
    tellPeople(standing.lost);
    process.exit(INTERRUPTED);
  };
  const release = onInterrupt(() => {
    if (!training) leave();
    // A picture of the training is not drawn over what is said now.
    if (process.stdout.isTTY) shown.unsubscribe();
    tellPeople(standing.ending);
    interrupted.abort();
  }, leave);
  tellParent({ kind: 'standing', text: standing.text });
  // What a plugin throws where nobody waits for it: a timer, an event, a promise.
  let thrown: { readonly error: unknown } | undefined;
  const stray = (error: unknown) => {
    thrown ??= { error };
    interrupted.abort();
  };
  process.on('uncaughtException', stray);
  const keep = keepExperiment(folder);
  const log = new EventLog(paths.events, keep);
  let milliseconds = 0;
  let done = false;
  try {
    const end = await ended(events, (event) => {
      log.add(event);
      standing.see(event);
      if (event.kind === 'step') milliseconds += event.milliseconds;
      if (event.kind !== 'checkpoint' && event.kind !== 'start') return;
      keep();
      tellParent({ kind: 'standing', text: standing.text });
    });
    training = false;
    await page?.close();
    if (thrown !== undefined) throw thrown.error;
    if (interrupted.signal.aborted || end.step < end.steps) {
      if (standing.safe || options.checkpoint === undefined) {
        say(`\nInterrupted after step ${end.step}. ${standing.goOn}`);
        return INTERRUPTED;
      }
      tellPeople(`Interrupted after step ${end.step}, which could not be saved. ${standing.text}`);
      return FAILURE;
    }
    done = true;
    const peakMemoryMB = Math.round(process.resourceUsage().maxRSS / 1024);
    await network.save(paths.network);
    const { metrics, splits } = await finalMetrics(network, options);
    const reported = experiment.report || watched ? await reportNote(experiment, network, folder, metrics) : undefined;
    const seconds = log.complete ? trainingSeconds(readEvents(paths.events)) : inSeconds(milliseconds);
    await writeCost(folder, { seconds, peakMemoryMB });
    await writeResult(folder, { steps: end.step, metrics, splits, leading: leadingOf(network) });
    if (json) process.stdout.write(`${JSON.stringify({ kind: 'result', folder, metrics })}\n`);
    say(`\n${metricsTable(metrics, splits)}\n\nThe run is in ${folder}`);
    if (reported !== undefined) say(reported);
    if (session.base !== undefined) say(await columnsNote(network, folder));
    if (profile) {
      say(`Where the time of a step goes: ${paths.profile}, for the viewers of Chrome (chrome://tracing) and Perfetto`);
      say(graphsNote(network.body.runner.graphs));
    }
    return 0;
  } catch (error) {
    tellPeople(done ? `The training is done, and its result is not written. ${standing.text}` : standing.text);
    throw error;
  } finally {
    process.off('uncaughtException', stray);
    release();
  }
}

/** A training goes on without its page; only a port that cannot be had is told before it begins. */
async function showPage(...asked: Parameters<typeof watch>): Promise<LivePage | undefined> {
  try {
    return await watch(...asked);
  } catch (error) {
    if (error instanceof BanyanError && error.code === 'argument') throw error;
    process.emitWarning(`No page: ${(error as Error).message} The training goes on without.`, 'BanyanWarning');
    return undefined;
  }
}

/** Where to see what a new column's tasks listen to; by then the run is complete, whatever is missing for that. */
const columnsNote = (network: Network, folder: string): Promise<string> =>
  writeColumns(network, folder).then(
    ({ page }) => `What its tasks listen to: ${page}`,
    (error: Error) => `What its tasks listen to was not measured: ${error.message}`,
  );

/** Where to see how a run went; a run is complete without it. */
const reportNote = (
  experiment: CheckedExperiment,
  network: Network,
  folder: string,
  metrics: Metrics,
): Promise<string> =>
  writeReport(experiment, network, folder, metrics).then(
    (page) => `How it went, and what the network makes of some examples: ${page}`,
    (error: Error) => `No report was written: ${error.message}`,
  );

/** Starts the training and waits for its end. */
function ended(
  events: ReturnType<typeof connectable<TrainingEvent>>,
  log: (event: TrainingEvent) => void,
): Promise<{ step: number; steps: number }> {
  return new Promise((done, fail) => {
    let steps = 0;
    let step = 0;
    events.subscribe({
      next: (event) => {
        log(event);
        if (event.kind === 'start') steps = event.steps;
        step = event.step;
      },
      error: fail,
      complete: () => done({ step, steps }),
    });
    events.connect();
  });
}

/** Builds the network and trains. */
export async function trainSession(session: Session, folder: string, shown: Showing): Promise<number> {
  const network = await buildNetwork(session);
  try {
    return await runTraining(session, network, folder, shown);
  } finally {
    network.dispose();
  }
}

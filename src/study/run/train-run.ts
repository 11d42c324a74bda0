import { basename, resolve } from 'node:path';
import { type Connectable, connectable, tap } from 'rxjs';
import { joinCluster } from '../../cluster/index.ts';
import { BanyanError } from '../../error.ts';
import { buildLoggers, buildTrainOptions } from '../../experiment/build.ts';
import type { Network } from '../../network/index.ts';
import { logTraining } from '../../report/index.ts';
import { resume, type TrainingEvent, train } from '../../train/index.ts';
import { type LivePage, watch } from '../../watch/index.ts';
import { EventLog } from './event-log.ts';
import { COMPLETE } from './final-metrics.ts';
import { finishRun } from './finish-run.ts';
import { keepExperiment } from './folder.ts';
import { runPaths } from './paths.ts';
import { titleOf } from './report.ts';
import type { RunEnding, RunOptions } from './run-event.ts';
import { checkpointsOf } from './saved.ts';
import type { Session } from './session.ts';
import { settingsOf } from './settings.ts';

/**
 * Trains the run in a folder to its end, from its newest checkpoint where it has one, and writes down what it comes to. Only for whoever
 * holds the folder's lock.
 */
export async function trainRun(
  session: Session,
  network: Network,
  folder: string,
  { profile = false, watch: watched, cluster, resize, signal, tell }: RunOptions,
): Promise<RunEnding> {
  const { experiment } = session.loaded;
  const paths = runPaths(folder);
  const options = {
    ...buildTrainOptions(experiment, paths.checkpoints, session.found.container),
    ...(profile ? { profile: paths.profile } : {}),
    ...(cluster && { cluster }),
    ...(resize && { resize }),
    signal,
  };
  const hasCheckpoint = (await checkpointsOf(folder)).length > 0;
  const keep = keepExperiment(folder);
  const log = new EventLog(paths.events, keep);
  let [step, milliseconds, ended] = [0, 0, false];
  const training = hasCheckpoint ? resume(network, paths.checkpoints, options) : train(network, options);
  // All subscribers are there before the training starts.
  const events = connectable(
    training.pipe(
      tap((event) => {
        log.add(event);
        step = event.step;
        if (event.kind === 'end') ended = event.reason !== 'stopped';
        if (event.kind === 'step') milliseconds += event.milliseconds;
        if (event.kind === 'checkpoint' || event.kind === 'start') keep();
        tell(event);
      }),
    ),
  );
  const loggers = buildLoggers(experiment, session.found.container);
  const logs = logTraining(events, network, {
    loggers,
    folder,
    name: basename(resolve(folder)),
    settings: settingsOf(experiment),
  });
  const page = watched && (await openPage(events, network, { ...watched, title: titleOf(folder) }));
  const saves = options.checkpoint !== undefined;
  tell({ kind: 'open', folder, saves, ...(page === undefined ? {} : { url: page.url }) });
  await endOf(events).finally(() => logs.close());
  await page?.close();
  const complete = ended && !signal.aborted;
  const team = cluster && (await joinCluster(cluster));
  await team?.share(complete, COMPLETE);
  if (!complete) return 'interrupted';
  const report = experiment.report === true || watched !== undefined;
  await finishRun(session, network, folder, { steps: step, milliseconds, logged: log.complete, report, team, tell });
  return 'done';
}

/** Opens the page on which a training is watched; it goes on without, unless the port that was asked for cannot be had. */
async function openPage(...watched: Parameters<typeof watch>): Promise<LivePage | undefined> {
  try {
    return await watch(...watched);
  } catch (error) {
    if (error instanceof BanyanError && error.code === 'argument') throw error;
    process.emitWarning(`No page: ${(error as Error).message} The training goes on without.`, 'BanyanWarning');
    return undefined;
  }
}

/** Starts a training and waits for its end. */
function endOf(events: Connectable<TrainingEvent>): Promise<void> {
  return new Promise((done, fail) => {
    events.subscribe({ error: fail, complete: done });
    events.connect();
  });
}

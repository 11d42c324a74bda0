import { basename, join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { readFolder, writeFolder } from '../../../checkpoint/index.ts';
import { BanyanError } from '../../../error.ts';
import { buildTrainOptions } from '../../../experiment/build.ts';
import type { LoadedExperiment } from '../../../experiment/load.ts';
import { type Metrics, resumeChanged, type TrainingEvent, train } from '../../../train/index.ts';
import { EventLog } from '../../run/event-log.ts';
import { readEvents } from '../../run/events.ts';
import { makeFolder, writeExperiment } from '../../run/folder.ts';
import { runPaths } from '../../run/paths.ts';
import { loadPretrained } from '../../run/pretrained.ts';
import { checkpointsOf } from '../../run/saved.ts';
import { buildNetwork, openSession } from '../../run/session.ts';

/** How far a training in a folder goes. */
export interface Part {
  /** The step at which it is measured and saved, and ends. */
  readonly until: number;
  /** The folder of the training whose newest checkpoint it begins with; absent where it begins anew. */
  readonly from?: string;
}

/**
 * Trains an experiment in a folder up to a measurement on the validation split, or goes on from its newest checkpoint, and returns what was
 * measured. Its settings may be others than those that the checkpoint was written with, as far as a training lets that. It ends after the
 * running step when the signal is aborted, with a checkpoint. Only for whoever holds the folder's lock.
 * @throws the signal's reason when it is aborted.
 */
export async function trainUntil(
  folder: string,
  loaded: LoadedExperiment,
  { until, from }: Part,
  signal: AbortSignal,
): Promise<Metrics> {
  const paths = runPaths(folder);
  if ((await reachedStep(folder)) >= until) return measuredAt(folder, until);
  const { experiment } = loaded;
  const session = await openSession(loaded);
  const network = await buildNetwork(session);
  try {
    await makeFolder(folder);
    if (from !== undefined && (await checkpointsOf(folder)).length === 0) await copyCheckpoint(from, paths.checkpoints);
    await writeExperiment(folder, experiment);
    const begun = (await checkpointsOf(folder)).length > 0;
    if (!begun) await loadPretrained(session, network);
    const options = {
      ...buildTrainOptions(experiment, paths.checkpoints, session.found.container),
      signal,
      stop: (event: TrainingEvent) => event.kind === 'evaluation' && event.step === until,
    };
    const log = new EventLog(paths.events);
    const events = begun ? resumeChanged(network, paths.checkpoints, options) : train(network, options);
    await lastValueFrom(events.pipe(tap((event) => log.add(event))));
    signal.throwIfAborted();
    return measuredAt(folder, until);
  } finally {
    network.dispose();
  }
}

/** The step of the newest checkpoint in a folder; 0 where there is none. */
export async function reachedStep(folder: string): Promise<number> {
  const [newest] = await checkpointsOf(folder);
  return newest === undefined ? 0 : Number(/\d+$/.exec(basename(newest))![0]);
}

/** Copies the newest checkpoint of a training whole: network, optimiser, and where sampler and sources stand. */
export async function copyCheckpoint(from: string, checkpoints: string): Promise<void> {
  const [newest] = await checkpointsOf(from);
  if (newest === undefined) {
    throw new BanyanError(
      'checkpoint',
      `${from} holds no checkpoint, expected one, since another member of the population goes on with it. Begin the search anew in another folder.`,
    );
  }
  const { files, content } = await readFolder(newest);
  await makeFolder(checkpoints);
  await writeFolder(join(checkpoints, basename(newest)), files, content);
}

function measuredAt(folder: string, step: number): Metrics {
  const path = runPaths(folder).events;
  const found = readEvents(path).findLast((event) => event.kind === 'evaluation' && event.step === step);
  if (found?.kind === 'evaluation') return found.averaged ?? found.metrics;
  throw new BanyanError(
    'checkpoint',
    `${path} lacks the measurement after step ${step}. Remove ${folder}: it is trained again.`,
  );
}

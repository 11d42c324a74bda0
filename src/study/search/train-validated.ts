import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import type { z } from 'zod';
import { evaluate } from '../../evaluate/index.ts';
import { buildTrainOptions } from '../../experiment/build.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { type Metrics, resume, type TrainingEvent, train } from '../../train/index.ts';
import { exists, readJson, writeJson } from '../records/json.ts';
import { count, figure, metricsSchema, record } from '../records/schemas.ts';
import { EventLog } from '../run/event-log.ts';
import { readEvents } from '../run/events.ts';
import { makeFolder, writeExperiment } from '../run/folder.ts';
import { runPaths } from '../run/paths.ts';
import { loadPretrained } from '../run/pretrained.ts';
import { checkpointsOf } from '../run/saved.ts';
import { buildNetwork, openSession } from '../run/session.ts';

/** What a training reached on the validation split, and what it took. */
export interface Validated {
  readonly metrics: Metrics;
  readonly steps: number;
  /** Seconds of training, without evaluations. */
  readonly seconds: number;
}

const validatedSchema: z.ZodType<Validated> = record({ metrics: metricsSchema, steps: count, seconds: figure });

const resultOf = (folder: string) => join(folder, 'validation.json');

/** Reads what a training in a folder reached; undefined where it has not ended. */
export async function readValidated(folder: string): Promise<Validated | undefined> {
  const path = resultOf(folder);
  return (await exists(path)) ? readJson(path, validatedSchema, 'Remove it: the training ends again.') : undefined;
}

/** Writes what a training in a folder reached: last, since one that has it has ended. */
export const writeValidated = (folder: string, validated: Validated): Promise<void> =>
  writeJson(resultOf(folder), validated);

/**
 * Trains an experiment in a folder, or goes on from its newest checkpoint, and measures it on the validation split alone: the test split is
 * never read. It ends after the running step when the signal is aborted, with a checkpoint. Only for whoever holds the folder's lock.
 * @throws the signal's reason when it is aborted.
 */
export async function trainValidated(
  folder: string,
  loaded: LoadedExperiment,
  signal: AbortSignal,
  see: (event: TrainingEvent) => void = () => {},
): Promise<Validated> {
  const before = await readValidated(folder);
  if (before !== undefined) return before;
  const { experiment } = loaded;
  const paths = runPaths(folder);
  const session = await openSession(loaded);
  const network = await buildNetwork(session);
  try {
    const resumed = (await checkpointsOf(folder)).length > 0;
    if (!resumed) {
      await loadPretrained(session, network);
      await makeFolder(folder);
      await writeExperiment(folder, experiment);
    }
    const options = { ...buildTrainOptions(experiment, paths.checkpoints, session.found.container), signal };
    const log = new EventLog(paths.events);
    const events = resumed ? resume(network, paths.checkpoints, options) : train(network, options);
    await lastValueFrom(
      events.pipe(
        tap((event) => {
          log.add(event);
          see(event);
        }),
      ),
    );
    signal.throwIfAborted();
    const tasks = Object.keys(experiment.tasks);
    const { compile, sourceTimeout } = experiment.training;
    const metrics = await evaluate(network, {
      tasks,
      split: 'validation',
      signal,
      ...(compile === undefined ? {} : { compile }),
      ...(sourceTimeout === undefined ? {} : { sourceTimeout }),
    });
    const validated = { metrics, ...effortOf(folder) };
    await writeValidated(folder, validated);
    // A training that has ended needs none, and there are many.
    await rm(paths.checkpoints, { recursive: true, force: true });
    return validated;
  } finally {
    network.dispose();
  }
}

/** Says how far a training has come, and what its steps took: one that was interrupted and went on has one log. */
export function effortOf(folder: string): Pick<Validated, 'steps' | 'seconds'> {
  const steps = readEvents(runPaths(folder).events).filter((event) => event.kind === 'step');
  const milliseconds = steps.reduce((sum, event) => sum + event.milliseconds, 0);
  return { steps: steps.at(-1)?.step ?? 0, seconds: Number((milliseconds / 1000).toFixed(2)) };
}

import { type Observable, tap } from 'rxjs';
import type { TrainingEvent } from '../../train/index.ts';
import type { LoggedTraining, Logger, LogWriter } from './logger.ts';

export interface LogOptions {
  readonly loggers: readonly Logger[];
  /** The folder that logs in files go into. */
  readonly folder: string;
  /** What it is called. Default `training`. */
  readonly name?: string;
  /** What it is made with, for logs that show that. Default: nothing. */
  readonly settings?: LoggedTraining['settings'];
}

/** The logs of a training. */
export interface TrainingLogs {
  /** Listens no more, and resolves when all is written. Await it once the training has ended, before the network is disposed. */
  close(): Promise<void>;
}

/**
 * Writes a training into logs. Subscribes to the events, so share them and start them afterwards. The training ends with the same
 * bits as without logs.
 * @throws BanyanError where a log cannot be had at all, such as `tensorboard` without TensorFlow.
 */
export function logTraining(
  events: Observable<TrainingEvent>,
  network: LoggedTraining['network'],
  { loggers, folder, name = 'training', settings = {} }: LogOptions,
): TrainingLogs {
  const writers: LogWriter[] = loggers.map((logger) => logger.open({ network, folder, name, settings }));
  const listening = events
    .pipe(
      tap((event) => {
        for (const writer of writers) writer.write(event);
      }),
    )
    // A failing training is for its other subscribers to tell.
    .subscribe({ error: () => {} });
  return {
    close: async () => {
      listening.unsubscribe();
      await Promise.all(writers.map((writer) => writer.close()));
    },
  };
}

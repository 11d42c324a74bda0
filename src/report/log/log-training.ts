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

interface OpenLog {
  readonly kind: string;
  readonly writer: LogWriter;
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
  const logs = new Set<OpenLog>(
    loggers.map((logger) => ({ kind: logger.kind, writer: logger.open({ network, folder, name, settings }) })),
  );
  // A log that fails is no reason to end a training, or the other logs.
  const drop = (log: OpenLog, error: unknown) => {
    logs.delete(log);
    process.emitWarning(
      `The log "${log.kind}" failed, and is written no more: ${error instanceof Error ? error.message : String(error)}. Expected write() and close() that do not throw. Correct the logger; the training goes on.`,
      'BanyanWarning',
    );
  };
  const listening = events
    .pipe(
      tap((event) => {
        for (const log of [...logs]) {
          try {
            log.writer.write(event);
          } catch (error) {
            drop(log, error);
          }
        }
      }),
    )
    // A failing training is for its other subscribers to tell.
    .subscribe({ error: () => {} });
  return {
    close: async () => {
      listening.unsubscribe();
      const closing = [...logs].map(async (log) => {
        try {
          await log.writer.close();
        } catch (error) {
          drop(log, error);
        }
      });
      await Promise.all(closing);
    },
  };
}

import type { AnyNetwork } from '../../network/index.ts';
import type { TrainingEvent } from '../../train/index.ts';

/** A training that is logged. */
export interface LoggedTraining {
  readonly network: AnyNetwork;
  /** The folder that logs in files go into. */
  readonly folder: string;
  readonly name: string;
  /** What it is made with, by names such as `training.batch`. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** Writes one training. What cannot be written is a warning: no training ends over its log. */
export interface LogWriter {
  /**
   * Takes an event. The first is the `start`: what an earlier, interrupted process wrote after its step is done again, and must not
   * stand there twice.
   */
  write(event: TrainingEvent): void;
  /** Resolves when all is written that can be. */
  close(): Promise<void>;
}

/** A log that a training can be written into. */
export interface Logger {
  /** Its name in files, as `csv`. */
  readonly kind: string;
  /** Begins to write. @throws BanyanError where it cannot be had at all. */
  open(training: LoggedTraining): LogWriter;
}

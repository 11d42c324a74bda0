import { appendFileSync, mkdirSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWhole } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { roomLeft } from '../../files/space-left.ts';
import { eventLine } from '../../report/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { readEventLines } from './events.ts';

/** Events that are kept at most while they cannot be written: some 40 MB. */
const MOST_KEPT = 100_000;
/** Milliseconds between two attempts to write again. */
const RETRY = 1000;

/**
 * Writes every event to a file at once. A resumed training goes on from a checkpoint: what an interrupted one did after that
 * checkpoint will be done again, and leaves the log. Events that cannot be written are kept, and written in their order as soon as
 * that works again; `remake` makes the file's folder anew where that is gone.
 */
export class EventLog {
  readonly #file: string;
  readonly #remake: () => void;
  readonly #waiting: TrainingEvent[] = [];
  /** The log up to the event from which this training goes on is there. */
  #started = false;
  /** Bytes of whole lines. */
  #size = 0;
  #dropped = 0;
  #failed: number | undefined;

  constructor(file: string, remake: () => void = () => {}) {
    this.#file = file;
    this.#remake = remake;
  }

  /** Whether all events up to now are in the file. */
  get complete(): boolean {
    return this.#waiting.length + this.#dropped === 0;
  }

  add(event: TrainingEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_KEPT) {
      this.#waiting.splice(this.#started ? 0 : 1, 1); // The first says where the log goes on.
      this.#dropped++;
    }
    if (this.#failed !== undefined && event.kind !== 'end' && performance.now() - this.#failed < RETRY) return;
    try {
      if (this.#started) this.#append();
      else this.#begin();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#failed !== undefined) this.#reportRecovery();
    this.#waiting.length = 0;
  }

  #begin(): void {
    const file = this.#file;
    this.#written(() => {
      keepUpTo(this.#waiting[0]!.step, file);
      this.#size = statSync(file).size;
    });
    this.#started = true;
    this.#append();
  }

  #append(): void {
    const file = this.#file;
    const text = this.#waiting.map(eventLine).join('');
    this.#written(() => {
      if (this.#failed !== undefined) this.#cut();
      appendFileSync(file, text);
    });
    this.#size += Buffer.byteLength(text);
  }

  /** Takes away the part of a line that a failed attempt has left. */
  #cut(): void {
    const { size } = statSync(this.#file, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size > this.#size) truncateSync(this.#file, this.#size);
    else this.#size = size; // It was removed, or made anew.
  }

  #written(work: () => void): void {
    try {
      try {
        work();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        mkdirSync(dirname(this.#file), { recursive: true });
        this.#remake();
        this.#size = 0;
        work();
      }
    } catch (error) {
      throw fileError('experiment', this.#file, 'written', error);
    }
  }

  #fail(error: unknown): void {
    const first = this.#failed === undefined;
    this.#failed = performance.now();
    if (!first) return;
    const { message } = error as Error;
    process.emitWarning(
      `${message}${roomLeft(this.#file)} The training goes on; its events are kept, and written as soon as that works again.`,
      'BanyanWarning',
    );
  }

  #reportRecovery(): void {
    const lost = this.#dropped === 0 ? '' : ` ${this.#dropped} before them were too many to keep, and are missing.`;
    process.emitWarning(
      `${this.#file} can be written again, and holds the ${this.#waiting.length} events that were kept.${lost}`,
      'BanyanWarning',
    );
    this.#failed = undefined;
    this.#dropped = 0;
  }
}

/** Takes out of a log what was done after a step. */
function keepUpTo(step: number, file: string): void {
  const lines = function* () {
    for (const { text, value } of readEventLines(file)) if (value.step <= step) yield `${text}\n`;
  };
  writeWhole(file, lines());
}

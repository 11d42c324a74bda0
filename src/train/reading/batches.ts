import { setImmediate } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';
import { type Patience, waitForSource } from '../../network/index.ts';
import type { Source } from '../../task/source.ts';
import type { ReadingState } from './reading-state.ts';
import type { Agreed, StepBatch, UnpaddedBatch } from './step-batch.ts';
import { type ReaderOptions, StepReader } from './step-reader.ts';

/** Milliseconds that a training which is done waits for a reading under way, and after which it warns of one. */
const PATIENCE = 5000;

/** What reading gives: a batch, or, where others have a say in it, one that is not padded yet. */
type ReadBatch = StepBatch | UnpaddedBatch;

/** A batch that is read ahead; `batch` once it is there. */
interface Reading {
  readonly promise: Promise<ReadBatch>;
  batch?: ReadBatch;
}

export interface BatchOptions extends ReaderOptions {
  /** Updates after which there are no more. */
  readonly steps: number;
  /** Aborted when the training is to end. */
  readonly signal: AbortSignal;
  /** In seconds. */
  readonly sourceTimeout?: number | undefined;
  /**
   * Agrees with the others on a batch, where there are any: their turn comes with `next`, since who reads ahead is not as far as others.
   */
  readonly agree?: ((batch: UnpaddedBatch) => Promise<Agreement>) | undefined;
}

/** What is agreed on a batch. */
export interface Agreement extends Agreed {
  /** The level that each pass needs. */
  readonly levels: readonly number[];
  /** The labelled examples of each task of each pass, in all shares. */
  readonly totals: readonly (readonly number[])[];
}

/** Reads training batches, some ahead of their use. */
export class TrainingBatches {
  readonly #reader: StepReader;
  readonly #queue: Reading[] = [];
  /** Batches that are needed. */
  readonly #needed: number;
  readonly #agree: BatchOptions['agree'];
  readonly #patience: Patience;
  readonly #ended = new AbortController();
  /** Aborted once nobody waits for a batch any more. */
  readonly #wanted: AbortSignal;
  /** Batches that were asked for; those read ahead begin one after the other. */
  #asked = 0;
  /** Readings under way, also those that nobody waits for. */
  readonly #pending = new Set<Promise<unknown>>();
  #paused = false;

  constructor(
    sources: Iterable<Source<unknown, unknown>>,
    { steps, signal, sourceTimeout, agree, ...options }: BatchOptions,
  ) {
    this.#agree = agree;
    this.#reader = new StepReader(sources, options);
    this.#needed = (steps - options.step) * options.perUpdate;
    this.#patience = { signal, sourceTimeout };
    this.#wanted = AbortSignal.any([signal, this.#ended.signal]);
  }

  /** Gives the next batch. @throws as `waitForSource`. */
  async next(): Promise<StepBatch> {
    const reading = this.#queue.shift();
    const read = reading?.batch ?? (await this.#wait(reading?.promise ?? this.#pend(this.#read(true))));
    const batch = 'pool' in read ? await this.#agreeOn(read) : read;
    // In a later turn of the event loop: by then the device is at work on this batch.
    setImmediate(() => this.#readAhead());
    this.#reader.watchLabels(batch);
    return batch;
  }

  /** Agrees with the others on a batch, and pads it. */
  async #agreeOn(read: UnpaddedBatch): Promise<StepBatch> {
    const { levels, totals, ...agreed } = await this.#agree!(read);
    const { passes, ...batch } = this.#reader.pad(read, levels);
    const counted = passes.map((pass, p) => ({
      ...pass,
      labels: pass.labels.map((label, t) => ({ ...label, total: totals[p]![t]! })),
    }));
    return { ...batch, passes: counted, agreed };
  }

  /** Gives what `next` will give, once it is there; only where nobody else has a say in it. @throws as `next`. */
  async peek(): Promise<StepBatch> {
    if (this.#queue.length === 0) this.#enqueue(this.#pend(this.#read(true)));
    const first = this.#queue[0]!;
    return (first.batch ?? (await this.#wait(first.promise))) as StepBatch;
  }

  /** What `next` will give, if it is there. */
  get upcoming(): StepBatch | undefined {
    const batch = this.#queue[0]?.batch;
    return batch === undefined || 'pool' in batch ? undefined : batch;
  }

  /**
   * Does something else with the sources: readings under way end before it, and the sources' states are as they were after it. `from`: the
   * states that they have meanwhile, so that it does not depend on how far was read ahead. Default: those that they have.
   * @throws as `waitForSource`.
   */
  async pause<T>(work: () => Promise<T>, from?: Pick<ReadingState, 'sources'>): Promise<T> {
    this.#paused = true;
    await this.#wait(this.whenSettled());
    const state = this.#reader.state();
    try {
      if (from !== undefined) this.#reader.restore(from);
      return await work();
    } finally {
      // Afterwards they are another training's.
      if (!this.#ended.signal.aborted) this.#reader.restore(state);
      this.#paused = false;
    }
  }

  /** Whether no reading is under way. */
  get settled(): boolean {
    return this.#pending.size === 0;
  }

  async whenSettled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  /**
   * Ends reading. `patiently`: waits for what is under way, but not for ever, since a source may hang; else whoever wants the network
   * has it at once.
   */
  async close(patiently: boolean): Promise<void> {
    this.#ended.abort();
    if (this.settled) return;
    const what = this.#reader.reading;
    const waiting = new AbortController();
    const impatient = pause(PATIENCE, true, { signal: waiting.signal, ref: patiently }).catch(() => false);
    const settled = Promise.race([this.whenSettled(), impatient]).then((late) => {
      waiting.abort();
      if (late !== true) return;
      process.emitWarning(
        `${what} has not ended for ${PATIENCE / 1000} s after the training did. Expected a read() that ends. Let it fail where what it waits for does not come: \`context.signal\` is aborted then.`,
        'BanyanWarning',
      );
    });
    if (patiently) await settled;
  }

  async #read(between: boolean): Promise<ReadBatch> {
    const read = await this.#reader.read(between, this.#wanted, this.#ended.signal);
    return this.#agree === undefined ? this.#reader.pad(read) : read;
  }

  /** A source that hangs keeps nobody. */
  #wait<T>(reading: Promise<T>): Promise<T> {
    return waitForSource(reading, this.#patience, () => this.#reader.reading);
  }

  #readAhead(): void {
    const reader = this.#reader;
    const wanted = () => this.#queue.length < reader.ahead && this.#asked < this.#needed;
    while (!this.#ended.signal.aborted && !this.#paused && wanted() && reader.isReady(this.#asked)) {
      const previous = this.#queue.at(-1)?.promise;
      // One after the other: sources with a state of their own must be read in order.
      this.#enqueue(this.#pend(previous === undefined ? this.#read(false) : previous.then(() => this.#read(false))));
    }
  }

  #enqueue(promise: Promise<ReadBatch>): void {
    const reading: Reading = { promise };
    // A failure is told by the `next()` whose turn it is, or never if training stops before.
    promise.then(
      (batch) => {
        reading.batch = batch;
      },
      () => {},
    );
    this.#queue.push(reading);
  }

  #pend<T>(reading: Promise<T>): Promise<T> {
    this.#asked++;
    this.#pending.add(reading);
    const forget = () => void this.#pending.delete(reading);
    reading.then(forget, forget);
    return reading;
  }
}

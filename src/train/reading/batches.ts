import { setImmediate } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';
import { BanyanError } from '../../error.ts';
import {
  BufferPool,
  type HostPass,
  type Pass,
  type Patience,
  type PreparedPass,
  padPass,
  placesIn,
  preparePass,
  readExamples,
  readingText,
  waitForSource,
} from '../../network/index.ts';
import { permute } from '../../random/index.ts';
import type { Source, SourceContext, SourceState } from '../../task/source.ts';
import { type KeptShapes, Shapes } from '../shapes.ts';
import { LabelWatch } from '../step/labels.ts';

// One batch is made while the device works on another: a constant, so memory does not grow with the set.
const AHEAD = 2;
// Whether a further one may be read is known once this one is.
const AHEAD_IN_LOCK_STEP = 1;
/** Milliseconds that a training which is done waits for a reading under way, and after which one is told of. */
const PATIENCE = 5000;

/** Where reading stands: examples taken so far and a source's own state, by the network's first task with that source. */
export interface ReadingState {
  readonly positions: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, SourceState>>;
  /** Which lengths of batches steps may have, where it has to be remembered. */
  readonly shapes?: KeptShapes | undefined;
}

/** One step's numbers on the host, there until the update after it begins, and where reading stood once they were read. */
export interface StepBatch {
  readonly passes: readonly HostPass[];
  readonly after: ReadingState;
}

/** A batch that is read ahead; `batch` once it is there. */
interface Reading {
  readonly promise: Promise<StepBatch>;
  batch?: StepBatch;
}

/** What a source may do with the network; `assertOpen` throws once it may not any more. */
export interface Acting {
  readonly predict: SourceContext['predict'];
  snapshot(name: string, assertOpen: () => void): Promise<void>;
}

interface Stream {
  readonly key: string;
  readonly source: Source<unknown, unknown>;
  readonly passes: readonly { readonly pass: Pass; readonly at: number }[];
  /** Examples in one batch. */
  readonly size: number;
  position: number;
}

/**
 * Which examples come next: position `p` of a source of `n` examples is number `p mod n` of the shuffle of epoch
 * `floor(p / n)`, so a batch is always full and any position can be had again.
 */
export function indicesAt(position: number, count: number, batch: number, seed: number): number[] {
  return Array.from({ length: batch }, (_, i) => {
    const at = position + i;
    return Number.isFinite(count) ? permute(at % count, count, seed, Math.floor(at / count)) : at;
  });
}

/** Reads training batches, some ahead of their use. */
export class TrainingBatches {
  readonly #streams: readonly Stream[];
  readonly #seed: number;
  readonly #acting: Acting;
  readonly #ahead: number;
  readonly #shapes: Shapes;
  readonly #queue: Reading[] = [];
  /** Of the batches of an update and those read ahead, in turn. */
  readonly #rooms: readonly BufferPool[];

  readonly #labels = new LabelWatch();
  readonly #from: ReadingState;
  readonly #perUpdate: number;
  /** Updates made before the first batch. */
  readonly #first: number;
  /** Batches that are needed. */
  readonly #most: number;
  readonly #patience: Patience;
  readonly #ended = new AbortController();
  /** Aborted once nobody waits for a batch any more. */
  readonly #over: AbortSignal;
  /** The reading under way. */
  #reading = (): string => 'A source';
  #batches = 0;
  /** Batches that were asked for; those read ahead begin one after the other. */
  #asked = 0;
  /** Readings under way, also those that nobody waits for. */
  readonly #pending = new Set<Promise<unknown>>();
  #closed = false;
  #aside = false;

  /**
   * `step`: updates made before the first batch; `keyOf` names a source in the reading state, the same whichever tasks are
   * trained; `acting`: what a source may use.
   */
  constructor(
    passes: readonly Pass[],
    options: {
      /** Examples of a source in one batch. */
      sizeOf: (source: Source<unknown, unknown>) => number;
      seed: number;
      from: ReadingState;
      step: number;
      keyOf: (source: Source<unknown, unknown>) => string;
      acting: Acting;
      /** Batches that one update takes. */
      perUpdate: number;
      /** Updates after which there are no more. */
      steps: number;
      /** Aborted when the training is to end. */
      signal: AbortSignal;
      sourceTimeout?: number | undefined;
      /** Whether updates are graphs, one for each shape of a batch. */
      compiled: boolean;
    },
  ) {
    const bySource = new Map<Source<unknown, unknown>, { pass: Pass; at: number }[]>();
    for (const [at, pass] of passes.entries()) {
      bySource.set(pass.source, [...(bySource.get(pass.source) ?? []), { pass, at }]);
    }
    this.#streams = [...bySource].map(([source, users]) => {
      const key = options.keyOf(source);
      beginSource(source, options.from.sources[key]);
      const position = options.from.positions[key] ?? 0;
      return { key, source, passes: users, size: options.sizeOf(source), position };
    });
    this.#shapes = new Shapes(passes, ({ source }) => options.sizeOf(source), options.compiled, options.from.shapes);
    this.#from = options.from;
    this.#seed = options.seed;
    this.#first = options.step;
    this.#perUpdate = options.perUpdate;
    this.#most = (options.steps - options.step) * options.perUpdate;
    this.#patience = { signal: options.signal, sourceTimeout: options.sourceTimeout };
    this.#over = AbortSignal.any([options.signal, this.#ended.signal]);
    this.#acting = options.acting;
    this.#ahead = this.#streams.some(({ source }) => source.lockStep === true) ? AHEAD_IN_LOCK_STEP : AHEAD;
    this.#rooms = Array.from({ length: this.#perUpdate + this.#ahead }, () => new BufferPool());
  }

  /** Errors of `waitForSource`. */
  async next(): Promise<StepBatch> {
    const reading = this.#queue.shift();
    const batch = reading?.batch ?? (await this.#wait(reading?.promise ?? this.#pend(this.#read(true))));
    // In a later turn of the event loop: by then the device is at work on this batch.
    setImmediate(() => this.#readAhead());
    this.#watchLabels(batch);
    return batch;
  }

  #watchLabels({ passes, after }: StepBatch): void {
    for (const { key, source, size, passes: users } of this.#streams) {
      for (const { pass, at } of users) {
        for (const [t, { name }] of pass.tasks.entries()) {
          const labelled = passes[at]?.labels[t]?.labelled; // None of a source that was not read any more.
          if (labelled !== undefined)
            this.#labels.see(name, labelled, after.positions[key]! - size, source.counts.training);
        }
      }
    }
  }

  /** What `next` will give, if it is there. */
  get upcoming(): StepBatch | undefined {
    return this.#queue[0]?.batch;
  }

  /** A source that hangs keeps nobody. */
  #wait<T>(reading: Promise<T>): Promise<T> {
    return waitForSource(reading, this.#patience, () => this.#reading());
  }

  #readAhead(): void {
    const wanted = () => this.#queue.length < this.#ahead && this.#asked < this.#most;
    while (!this.#closed && !this.#aside && wanted() && this.#ready()) {
      const previous = this.#queue.at(-1)?.promise;
      // One after the other: sources with a state of their own must be read in order.
      const reading: Reading = {
        promise: this.#pend(previous === undefined ? this.#read(false) : previous.then(() => this.#read(false))),
      };
      // A failure is told by the `next()` whose turn it is, or never if training stops before.
      reading.promise.then(
        (batch) => {
          reading.batch = batch;
        },
        () => {},
      );
      this.#queue.push(reading);
    }
  }

  #pend<T>(reading: Promise<T>): Promise<T> {
    this.#asked++;
    this.#pending.add(reading);
    const forget = () => void this.#pending.delete(reading);
    reading.then(forget, forget);
    return reading;
  }

  /**
   * Does something else with the sources: readings under way end before it, and their states are as they were after it. Errors of
   * `waitForSource`.
   */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.#aside = true;
    await this.#wait(this.whenSettled());
    const { sources } = this.#state();
    try {
      return await work();
    } finally {
      // Afterwards they are another training's.
      if (!this.#closed)
        for (const { key, source } of this.#streams) if (key in sources) source.restore?.(sources[key]!);
      this.#aside = false;
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
    this.#closed = true;
    this.#ended.abort();
    if (this.settled) return;
    const what = this.#reading();
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

  /** Whether all sources can be read beside an update. */
  #ready(): boolean {
    return this.#streams.every(({ source, size }) => source.lockStep !== true || source.ready?.(size) === true);
  }

  /** What a source may use as long as somebody waits for the batch. */
  get #open(): Pick<SourceContext, 'predict' | 'snapshot'> {
    const assertOpen = () => {
      if (this.#closed)
        throw new BanyanError(
          'busy',
          'The training that reads this source has ended. Expected no further use of its network. Let read() fail.',
        );
    };
    return {
      predict: async (...asked) => {
        assertOpen();
        return this.#acting.predict(...asked);
      },
      snapshot: async (name) => {
        assertOpen();
        return this.#acting.snapshot(name, assertOpen);
      },
    };
  }

  /** `between`: no update runs meanwhile. */
  async #read(between: boolean): Promise<StepBatch> {
    const prepared: PreparedPass[] = [];
    const room = this.#rooms[this.#batches % this.#rooms.length]!.clear();
    const before = this.#first * this.#perUpdate + this.#batches++;
    const step = Math.floor(before / this.#perUpdate);
    for (const stream of this.#streams) {
      if (this.#closed) return { passes: [], after: this.#state() };
      const indices = indicesAt(stream.position, stream.source.counts.training, stream.size, this.#seed);
      const acting = stream.source.lockStep === true && between ? this.#open : refusing(stream.key, stream.source);
      const context: SourceContext = { step, seed: this.#seed, signal: this.#over, ...acting };
      this.#reading = () => readingText(stream.key, 'training', indices);
      const examples = await readExamples(stream.key, stream.source, 'training', indices, context);
      stream.position += stream.size;
      const placeOf = placesIn('training', indices);
      for (const { pass, at } of stream.passes) prepared[at] = preparePass(pass, examples, placeOf);
    }
    const needed = prepared.map(({ inputs }) => inputs.level);
    const levels = this.#shapes.choose(needed, before);
    const passes = prepared.map((pass, p) => padPass(pass, levels[p]!, room));
    return { passes, after: this.#state() };
  }

  #state(): ReadingState {
    const states = this.#streams.flatMap(({ key, source }) => {
      const state = source.state?.();
      return state === undefined ? [] : [[key, copyOf(state)] as const];
    });
    return {
      positions: {
        ...this.#from.positions,
        ...Object.fromEntries(this.#streams.map(({ key, position }) => [key, position])),
      },
      sources: { ...this.#from.sources, ...Object.fromEntries(states) },
      shapes: this.#shapes.kept,
    };
  }
}

/** What a source was before it was first read for a training. */
const FIRST = new WeakMap<Source<unknown, unknown>, SourceState>();

/** Puts a source where a training goes on; a fresh one begins as the first did, whatever other networks learned from it. */
export function beginSource(source: Source<unknown, unknown>, state?: SourceState): void {
  const now = source.state?.();
  if (now === undefined) return;
  if (!FIRST.has(source)) FIRST.set(source, copyOf(now));
  source.restore?.(state ?? FIRST.get(source)!);
}

/** For a source that is read while updates run. */
export function refusing(
  task: string,
  { lockStep }: Pick<Source<unknown, unknown>, 'lockStep'>,
): Pick<SourceContext, 'predict' | 'snapshot'> {
  const refuse = async () => {
    throw new BanyanError(
      'data',
      lockStep === true
        ? `The source of task "${task}" said that it was ready, and uses the network. Expected examples that need none. Correct its ready().`
        : `The source of task "${task}" uses the network and does not say so. Expected \`lockStep: true\`. Add it.`,
    );
  };
  return { predict: refuse, snapshot: refuse };
}

/** A copy that shares what does not change. */
function copyOf(value: SourceState): SourceState {
  if (typeof value !== 'object' || value === null || value instanceof Float32Array) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)]));
}

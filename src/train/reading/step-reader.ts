import {
  BufferPool,
  type Pass,
  type PreparedPass,
  padPass,
  placesIn,
  preparePass,
  readExamples,
  readingText,
} from '../../network/index.ts';
import type { Source, SourceContext } from '../../task/source.ts';
import { type Acting, actingUntil, refusing } from './acting.ts';
import { indicesAt } from './order.ts';
import { beginSource, copyOf, type ReadingState } from './reading-state.ts';
import { type KeptShapes, Shapes } from './shapes.ts';
import { sourceSeed } from './source-seed.ts';
import type { StepBatch, UnpaddedBatch } from './step-batch.ts';
import { LabelWatch } from './unlabelled.ts';

/** Batches are read while the device works on another: a constant, so memory does not grow with the set. */
export const AHEAD = 2;
// Whether a further one may be read is known once this one is.
const AHEAD_IN_LOCK_STEP = 1;

/** How the batches of a training are read. */
export interface ReaderOptions {
  /** Examples of a source in one batch. */
  readonly sizeOf: (source: Source<unknown, unknown>) => number;
  readonly seed: number;
  readonly from: ReadingState;
  /** Updates made before the first batch. */
  readonly step: number;
  /** Names a source in the reading state, the same whichever tasks are trained. */
  readonly keyOf: (source: Source<unknown, unknown>) => string;
  /** What a source may use. */
  readonly acting: Acting;
  /** Batches that one update takes. */
  readonly perUpdate: number;
  /** Whether updates are graphs, one for each shape of a batch. */
  readonly compiled: boolean;
  /** Which share of each batch is read here, where others read the others. */
  readonly share: { readonly index: number; readonly count: number };
  /** Gives the passes that were drawn for a step, 1 for the first of the training. */
  readonly drawnFor: (step: number) => readonly Pass[];
}

/** A source, and how far it was read. */
interface Stream {
  readonly key: string;
  readonly source: Source<unknown, unknown>;
  /** Examples in one batch. */
  readonly size: number;
  position: number;
}

/** Reads the batch of one step after another from the sources. Of one whose tasks are not drawn for a step nothing is read. */
export class StepReader {
  /** How many batches may be read before their use. */
  readonly ahead: number;
  readonly #options: ReaderOptions;
  readonly #streams: readonly Stream[];
  /** By the names of the passes. */
  readonly #shapes = new Map<string, Shapes>();
  /** Those of the batches of an update and of those read ahead, in turn. */
  readonly #pools: readonly BufferPool[];
  readonly #labels = new LabelWatch();
  #reading = (): string => 'A source';
  #batches = 0;

  constructor(sources: Iterable<Source<unknown, unknown>>, options: ReaderOptions) {
    const { sizeOf, keyOf, from, perUpdate } = options;
    this.#options = options;
    this.#streams = [...new Set(sources)].map((source) => {
      const key = keyOf(source);
      beginSource(source, from.sources[key]);
      return { key, source, size: sizeOf(source), position: from.positions[key] ?? 0 };
    });
    this.ahead = this.#streams.some(({ source }) => source.lockStep === true) ? AHEAD_IN_LOCK_STEP : AHEAD;
    this.#pools = Array.from({ length: perUpdate + this.ahead }, () => new BufferPool());
  }

  /** The reading under way, in words. */
  get reading(): string {
    return this.#reading();
  }

  /** Whether the sources of batch number `batch`, 0 for the first, can be read beside an update. */
  isReady(batch: number): boolean {
    const drawn = this.#drawnFor(batch);
    return this.#streams.every(
      ({ source, size }) =>
        source.lockStep !== true || source.ready?.(size) === true || !drawn.some((pass) => pass.source === source),
    );
  }

  /**
   * Reads this worker's share of the next batch. `between`: no update runs meanwhile; `wanted`: aborted once nobody waits for a batch any more; `ended`:
   * aborted once the training has ended, and then nothing more is read.
   */
  async read(between: boolean, wanted: AbortSignal, ended: AbortSignal): Promise<UnpaddedBatch> {
    const { seed, acting, share } = this.#options;
    const prepared: PreparedPass[] = [];
    const pool = this.#pools[this.#batches % this.#pools.length]!.clear();
    const step = this.#stepsBefore(this.#batches);
    const drawn = this.#drawnFor(this.#batches++);
    for (const stream of this.#streams) {
      const { key, source, size } = stream;
      const users = [...drawn.entries()].filter(([, pass]) => pass.source === source);
      if (users.length === 0) continue;
      if (ended.aborted) return { prepared: [], drawn, after: this.state(), pool };
      const from = stream.position + share.index * size;
      const indices = indicesAt(from, source.counts.training, size, seed);
      const allowed = source.lockStep === true && between ? actingUntil(ended, acting) : refusing(key, source);
      const context: SourceContext = { step, seed: sourceSeed(source, seed, share.index), signal: wanted, ...allowed };
      this.#reading = () => readingText(key, 'training', indices);
      const examples = await readExamples(key, source, 'training', indices, context);
      stream.position += share.count * size;
      const placeOf = placesIn('training', indices);
      for (const [index, pass] of users) prepared[index] = preparePass(pass, examples, placeOf);
    }
    return { prepared, drawn, after: this.state(), pool };
  }

  /** Pads what was read, one batch after the other, to a length that holds `needed`: the level of each pass, or more where others need more. */
  pad(
    { prepared, drawn, after, pool }: UnpaddedBatch,
    needed: readonly number[] = prepared.map(({ inputs }) => inputs.level),
  ): StepBatch {
    if (prepared.length === 0 && drawn.length > 0) return { passes: [], drawn, after }; // The training has ended.
    const levels = this.#shapesOf(drawn).choose(needed);
    const passes = prepared.map((pass, p) => padPass(pass, levels[p]!, pool));
    return { passes, drawn, after: { ...after, ...this.#keptShapes() } };
  }

  /** Warns of tasks that a whole pass over their data has brought no label for. */
  watchLabels({ passes, drawn, after }: StepBatch): void {
    for (const [p, { source, tasks }] of drawn.entries()) {
      const { key, size } = this.#streams.find((stream) => stream.source === source)!;
      const { index, count } = this.#options.share;
      for (const [t, { name }] of tasks.entries()) {
        const labelled = passes[p]?.labels[t]?.labelled; // None of a source that was not read any more.
        if (labelled !== undefined)
          this.#labels.see(name, labelled, after.positions[key]! - (count - index) * size, source.counts.training);
      }
    }
  }

  /** Where reading stands. */
  state(): ReadingState {
    const { from } = this.#options;
    const states = this.#streams.flatMap(({ key, source }) => {
      const state = source.state?.();
      return state === undefined ? [] : [[key, copyOf(state)] as const];
    });
    const positions = Object.fromEntries(this.#streams.map(({ key, position }) => [key, position]));
    return {
      positions: { ...from.positions, ...positions },
      sources: { ...from.sources, ...Object.fromEntries(states) },
      ...this.#keptShapes(),
    };
  }

  /** Puts the sources' states back, as `state` gave them. */
  restore({ sources }: Pick<ReadingState, 'sources'>): void {
    for (const { key, source } of this.#streams) if (key in sources) source.restore?.(sources[key]!);
  }

  /** The steps that were made before the one that batch number `batch` is for. */
  #stepsBefore(batch: number): number {
    const { step, perUpdate } = this.#options;
    return step + Math.floor(batch / perUpdate);
  }

  #drawnFor(batch: number): readonly Pass[] {
    return this.#options.drawnFor(this.#stepsBefore(batch) + 1);
  }

  #shapesOf(passes: readonly Pass[]): Shapes {
    const key = JSON.stringify(passes.map(({ tasks }) => tasks.map(({ name }) => name)));
    const { sizeOf, compiled, from, step } = this.#options;
    const size = ({ source }: Pass) => sizeOf(source);
    const shapes = this.#shapes.get(key) ?? new Shapes(passes, size, compiled, { kept: from.shapes, goesOn: step > 0 });
    this.#shapes.set(key, shapes);
    return shapes;
  }

  /** Those of other passes stay as they were. */
  #keptShapes(): { readonly shapes?: readonly KeptShapes[] } {
    const { from, step } = this.#options;
    const now = [...this.#shapes.values()].flatMap(({ kept }) => kept ?? []);
    const before = from.shapes?.filter(({ passes }) => !now.some((kept) => kept.passes === passes)) ?? [];
    // A training that begins has read no batch of them, which it has to know when it goes on.
    const unread = step > 0 ? before : before.map((kept) => ({ ...kept, batches: 0 }));
    return now.length + before.length === 0 ? {} : { shapes: [...unread, ...now] };
  }
}

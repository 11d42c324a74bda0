import {
  BufferPool,
  type HostPass,
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
import { Shapes } from './shapes.ts';
import { LabelWatch } from './unlabelled.ts';

// Batches are read while the device works on another: a constant, so memory does not grow with the set.
const AHEAD = 2;
// Whether a further one may be read is known once this one is.
const AHEAD_IN_LOCK_STEP = 1;

/** One step's numbers on the host, there until the update after it begins, and where reading stood once they were read. */
export interface StepBatch {
  readonly passes: readonly HostPass[];
  readonly after: ReadingState;
}

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
}

/** A source, and the passes that take its examples. */
interface Stream {
  readonly key: string;
  readonly source: Source<unknown, unknown>;
  readonly passes: readonly { readonly pass: Pass; readonly index: number }[];
  /** Examples in one batch. */
  readonly size: number;
  position: number;
}

/** Reads the batch of one step after another from the sources. */
export class StepReader {
  /** How many batches may be read before their use. */
  readonly ahead: number;
  readonly #options: ReaderOptions;
  readonly #streams: readonly Stream[];
  readonly #shapes: Shapes;
  /** Those of the batches of an update and of those read ahead, in turn. */
  readonly #pools: readonly BufferPool[];
  readonly #labels = new LabelWatch();
  #reading = (): string => 'A source';
  #batches = 0;

  constructor(passes: readonly Pass[], options: ReaderOptions) {
    const { sizeOf, keyOf, from, compiled, perUpdate } = options;
    this.#options = options;
    const bySource = new Map<Source<unknown, unknown>, { pass: Pass; index: number }[]>();
    for (const [index, pass] of passes.entries()) {
      bySource.set(pass.source, [...(bySource.get(pass.source) ?? []), { pass, index }]);
    }
    this.#streams = [...bySource].map(([source, users]) => {
      const key = keyOf(source);
      beginSource(source, from.sources[key]);
      return { key, source, passes: users, size: sizeOf(source), position: from.positions[key] ?? 0 };
    });
    this.#shapes = new Shapes(passes, ({ source }) => sizeOf(source), compiled, from.shapes);
    this.ahead = this.#streams.some(({ source }) => source.lockStep === true) ? AHEAD_IN_LOCK_STEP : AHEAD;
    this.#pools = Array.from({ length: perUpdate + this.ahead }, () => new BufferPool());
  }

  /** The reading under way, in words. */
  get reading(): string {
    return this.#reading();
  }

  /** Whether all sources can be read beside an update. */
  get ready(): boolean {
    return this.#streams.every(({ source, size }) => source.lockStep !== true || source.ready?.(size) === true);
  }

  /**
   * Reads the next batch. `between`: no update runs meanwhile; `wanted`: aborted once nobody waits for a batch any more; `ended`:
   * aborted once the training has ended, and then nothing more is read.
   */
  async read(between: boolean, wanted: AbortSignal, ended: AbortSignal): Promise<StepBatch> {
    const { step: first, perUpdate, seed, acting } = this.#options;
    const prepared: PreparedPass[] = [];
    const pool = this.#pools[this.#batches % this.#pools.length]!.clear();
    const before = first * perUpdate + this.#batches++;
    const step = Math.floor(before / perUpdate);
    for (const stream of this.#streams) {
      if (ended.aborted) return { passes: [], after: this.state() };
      const { key, source, size } = stream;
      const indices = indicesAt(stream.position, source.counts.training, size, seed);
      const allowed = source.lockStep === true && between ? actingUntil(ended, acting) : refusing(key, source);
      const context: SourceContext = { step, seed, signal: wanted, ...allowed };
      this.#reading = () => readingText(key, 'training', indices);
      const examples = await readExamples(key, source, 'training', indices, context);
      stream.position += size;
      const placeOf = placesIn('training', indices);
      for (const { pass, index } of stream.passes) prepared[index] = preparePass(pass, examples, placeOf);
    }
    const needed = prepared.map(({ inputs }) => inputs.level);
    const levels = this.#shapes.choose(needed, before);
    const passes = prepared.map((pass, p) => padPass(pass, levels[p]!, pool));
    return { passes, after: this.state() };
  }

  /** Warns of tasks that a whole pass over their data has brought no label for. */
  watchLabels({ passes, after }: StepBatch): void {
    for (const { key, source, size, passes: users } of this.#streams) {
      for (const { pass, index } of users) {
        for (const [t, { name }] of pass.tasks.entries()) {
          const labelled = passes[index]?.labels[t]?.labelled; // None of a source that was not read any more.
          if (labelled !== undefined)
            this.#labels.see(name, labelled, after.positions[key]! - size, source.counts.training);
        }
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
      shapes: this.#shapes.kept,
    };
  }

  /** Puts the sources' states back, as `state` gave them. */
  restore({ sources }: Pick<ReadingState, 'sources'>): void {
    for (const { key, source } of this.#streams) if (key in sources) source.restore?.(sources[key]!);
  }
}

import { assemble, type HostPass, type Pass } from '../network/index.ts';
import { permute } from '../random/index.ts';
import type { Json } from '../task/contract.ts';
import type { Example, Source, SourceContext } from '../task/source.ts';

// One batch is made while the device works on another: a constant, so memory does not grow with the set.
const AHEAD = 2;

/** Where reading stands: examples taken so far and a source's own state, by the first task that uses the source. */
export interface ReadingState {
  readonly positions: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, Json>>;
}

/** One step's numbers on the host, and where reading stood once they were read. */
export interface StepBatch {
  readonly passes: readonly HostPass[];
  readonly after: ReadingState;
}

interface Stream {
  readonly key: string;
  readonly source: Source<unknown, unknown>;
  readonly passes: readonly { readonly pass: Pass; readonly at: number }[];
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
  readonly #batch: number;
  readonly #seed: number;
  readonly #context: (ahead: number) => SourceContext;
  readonly #ahead: number;
  readonly #queue: Promise<StepBatch>[] = [];

  /** `context(ahead)`: what a source may use for the batch that is `ahead` steps away. */
  constructor(
    passes: readonly Pass[],
    options: { batch: number; seed: number; from: ReadingState; context: (ahead: number) => SourceContext },
  ) {
    const bySource = new Map<Source<unknown, unknown>, { pass: Pass; at: number }[]>();
    for (const [at, pass] of passes.entries()) {
      bySource.set(pass.source, [...(bySource.get(pass.source) ?? []), { pass, at }]);
    }
    this.#streams = [...bySource].map(([source, users]) => {
      const key = users[0]!.pass.tasks[0]!.name;
      const state = options.from.sources[key];
      if (state !== undefined) source.restore?.(state);
      return { key, source, passes: users, position: options.from.positions[key] ?? 0 };
    });
    this.#batch = options.batch;
    this.#seed = options.seed;
    this.#context = options.context;
    this.#ahead = this.#streams.some(({ source }) => source.lockStep === true) ? 0 : AHEAD;
  }

  async next(): Promise<StepBatch> {
    const ready = this.#queue.shift() ?? this.#read(0);
    const batch = await ready;
    while (this.#queue.length < this.#ahead) {
      const previous = this.#queue.at(-1);
      const ahead = this.#queue.length + 1;
      // One after the other: sources with a state of their own must be read in order.
      const reading = previous === undefined ? this.#read(ahead) : previous.then(() => this.#read(ahead));
      // A failure is told by the `next()` whose turn it is, or never if training stops before.
      reading.catch(() => {});
      this.#queue.push(reading);
    }
    return batch;
  }

  async #read(ahead: number): Promise<StepBatch> {
    const passes: HostPass[] = [];
    const context = this.#context(ahead);
    for (const stream of this.#streams) {
      const indices = indicesAt(stream.position, stream.source.counts.training, this.#batch, this.#seed);
      const examples: readonly Example<unknown, unknown>[] = await stream.source.read('training', indices, context);
      stream.position += this.#batch;
      for (const { pass, at } of stream.passes) passes[at] = assemble(pass, examples);
    }
    return { passes, after: this.#state() };
  }

  #state(): ReadingState {
    const states = this.#streams.flatMap(({ key, source }) => {
      const state = source.state?.();
      return state === undefined ? [] : [[key, structuredClone(state)] as const];
    });
    return {
      positions: Object.fromEntries(this.#streams.map(({ key, position }) => [key, position])),
      sources: Object.fromEntries(states),
    };
  }
}

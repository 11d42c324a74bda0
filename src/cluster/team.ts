import { BanyanError } from '../error.ts';
import { type Context, isLoss } from '../runtime/tensorflow/index.ts';
import { bytesOf, wordsOf } from './bytes.ts';
import { Exchanges } from './collectives.ts';
import { watched } from './waiting.ts';

/** Words in one message; TensorFlow's may have 2 GB. */
const PIECE = 1 << 24;

/**
 * The workers that have joined, as one of them sees them. Whatever one exchanges, all do, in the same order: each `await` of a method is a
 * place where all wait for all.
 */
export class Team {
  readonly workers: readonly string[];
  readonly index: number;
  /** Where this worker's graphs run. */
  readonly context: Context;
  readonly #exchanges: Exchanges;
  #failed: BanyanError | undefined;

  constructor(workers: readonly string[], index: number, context: Context) {
    this.workers = workers;
    this.index = index;
    this.context = context;
    this.#exchanges = new Exchanges(context, workers.length);
  }

  get size(): number {
    return this.workers.length;
  }

  /** Whether this worker writes, measures and reports for all. */
  get isChief(): boolean {
    return this.index === 0;
  }

  /** Names a worker for people. */
  nameOf(index: number): string {
    return `worker ${index} of ${this.size} (${this.workers[index]})`;
  }

  /** Gives the numbers of each worker, in their order, to all. All give equally many. */
  async gather(numbers: ArrayLike<number>, what: string): Promise<readonly Float32Array[]> {
    const values = Float32Array.from(numbers);
    const all = await this.#wait(this.#exchanges.gather({ shape: [values.length], dtype: 'float32', values }), what);
    return this.workers.map((_, i) => all.values.slice(i * values.length, (i + 1) * values.length) as Float32Array);
  }

  /** Gives the bytes of each worker, in their order, to all. */
  async gatherBytes(bytes: Uint8Array, what: string): Promise<readonly Uint8Array[]> {
    const gather = async (values: Int32Array) =>
      (await this.#wait(this.#exchanges.gather({ shape: [values.length], dtype: 'int32', values }), what))
        .values as Int32Array;
    const lengths = await gather(Int32Array.of(bytes.length));
    const words = Math.ceil(Math.max(...lengths) / 4);
    if (words === 0) return this.workers.map(() => new Uint8Array(0));
    // A function is made for each size: few sizes, whatever the lengths.
    const piece = Math.min(2 ** Math.ceil(Math.log2(words)), Math.floor(PIECE / this.size));
    const own = wordsOf(bytes, piece * Math.ceil(words / piece));
    const all = this.workers.map(() => new Int32Array(own.length));
    for (let from = 0; from < own.length; from += piece) {
      const pieces = await gather(own.subarray(from, from + piece));
      for (const [i, received] of all.entries()) received.set(pieces.subarray(i * piece, (i + 1) * piece), from);
    }
    return all.map((received, i) => bytesOf(received, lengths[i]!));
  }

  /** Gives the chief's bytes to all; those of the others do not matter. */
  async broadcast(bytes: Uint8Array | undefined, what: string): Promise<Uint8Array> {
    const words = this.isChief ? wordsOf(bytes!) : undefined;
    const length = await this.#broadcast(words && Float64Array.of(bytes!.length), 2, what);
    const count = new Float64Array(length.buffer, length.byteOffset)[0]!;
    const received = words ?? new Int32Array(Math.ceil(count / 4));
    for (let from = 0; from < received.length; from += PIECE) {
      const piece = received.subarray(from, from + PIECE);
      const values = await this.#broadcast(words && piece, piece.length, what);
      if (words === undefined) received.set(values, from);
    }
    return bytesOf(received, count);
  }

  /** Gives the chief's data to all. */
  async share<T>(data: T, what: string): Promise<T> {
    const text = this.isChief ? new TextEncoder().encode(toText(data)) : undefined;
    return fromText(new TextDecoder().decode(await this.broadcast(text, what))) as T;
  }

  /** Waits until all have come so far. Whoever comes back may end its process: no other needs it any more. */
  async leave(): Promise<void> {
    await this.gather([0], 'the end');
    // Who comes first out of the one before may be gone before another has all of it; after this one nothing is left to lose.
    await this.gather([0], 'the end').catch(() => {});
  }

  /** Ends the exchanges of this worker for good, and lets those of the others fail with what has happened. */
  fail(error: unknown): unknown {
    if (this.#failed !== undefined) return this.#failed;
    const failure = isLoss(error) ? this.#lost(error as Error) : error;
    const { message } = failure as Error;
    this.#failed =
      failure instanceof BanyanError ? failure : new BanyanError('cluster', String(message), { cause: error });
    this.context.abort(`${this.nameOf(this.index)} has failed: ${String(message).replaceAll(/\s+/g, ' ')}`);
    return failure;
  }

  async #broadcast(values: Int32Array | Float64Array | undefined, words: number, what: string): Promise<Int32Array> {
    const shape = [words];
    if (values === undefined)
      return (await this.#wait(this.#exchanges.receive({ shape, dtype: 'int32' }), what)).values as Int32Array;
    const numbers = new Int32Array(values.buffer, values.byteOffset, words);
    await this.#wait(this.#exchanges.send({ shape, dtype: 'int32', values: numbers }), what);
    return numbers;
  }

  #wait<T>(exchange: Promise<T>, what: string): Promise<T> {
    if (this.#failed !== undefined) throw this.#failed;
    const others = this.workers.filter((_, i) => i !== this.index).join(', ');
    return watched(exchange, () => `${this.nameOf(this.index)} waits for ${others} (${what})`);
  }

  #lost(error: Error): BanyanError {
    // Of a chain of workers that heard of each other, the one that failed first.
    const [told] =
      [...error.message.matchAll(/worker \d+ of \d+ \([^)]*\) has failed: (?!worker)[^\n]*/g)].at(-1) ?? [];
    const why = told ?? `another worker is gone or cannot be reached (${firstLine(error.message)}).`;
    return new BanyanError(
      'cluster',
      `${this.nameOf(this.index)}: ${why} Expected all workers until the end. Start all of them again: the training goes on from its last checkpoint.`,
      { cause: error },
    );
  }
}

/** What TensorFlow says first; the rest says it again. */
const firstLine = (text: string): string => text.split('\n')[0]!.slice(0, 300);

/** JSON, but with the numbers that JSON does not have. */
const toText = (data: unknown): string =>
  JSON.stringify({ data }, (_, value) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? { number: Object.is(value, -0) ? '-0' : String(value) }
      : value,
  );

const fromText = (text: string): unknown =>
  (
    JSON.parse(text, (_, value) =>
      typeof value === 'object' && value !== null && typeof value.number === 'string' && Object.keys(value).length === 1
        ? Number(value.number)
        : value,
    ) as { data: unknown }
  ).data;

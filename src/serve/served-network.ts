import { type AnyNetwork, decodeOutput, internals, outputsOfPrepared, prepareExample } from '../network/index.ts';
import type { SampleOutput, TypedArray } from '../task/contract.ts';
import { Batcher, type BatchOptions } from './batcher.ts';
import type { Metrics } from './metrics.ts';
import { Refusal } from './refusal.ts';
import { type ServedTask, warmUp } from './served-task.ts';

/** An example as the stems of its task take it. */
export type Prepared = readonly TypedArray[];

/** Answers for one network, from its first request until the last one that it took is answered. */
export class ServedNetwork {
  readonly network: AnyNetwork;
  /** How many networks there were in its place, with it. */
  readonly version: string;
  readonly tasks: ReadonlyMap<string, ServedTask>;
  readonly #batcher: Batcher<Prepared, SampleOutput>;
  #holders = 0;
  #whenRetired: (() => void)[] = [];

  private constructor(network: AnyNetwork, version: string, tasks: ReadonlyMap<string, ServedTask>, options: Batching) {
    this.network = network;
    this.version = version;
    this.tasks = tasks;
    this.#batcher = new Batcher((key, examples) => this.#compute(key, examples, options.metrics), options);
  }

  /** Gets a network ready to answer. `names`: its tasks that are served. */
  static async open(
    network: AnyNetwork,
    version: string,
    names: readonly string[],
    options: Batching,
  ): Promise<ServedNetwork> {
    const { body, lease } = internals(network);
    const tasks = await lease.use(async () => {
      const served = new Map<string, ServedTask>();
      for (const name of names) served.set(name, await warmUp(body, body.task(name), options.most));
      return served;
    });
    return new ServedNetwork(network, version, tasks, options);
  }

  /** How many examples wait for a batch. */
  get waiting(): number {
    return this.#batcher.waiting;
  }

  /** @throws BanyanError for a raw input that the task's stems cannot prepare. `place`: what the error calls it. */
  prepare({ task }: ServedTask, raw: unknown, place: string): Prepared {
    const prepared = prepareExample(task.name, task.input, raw, place);
    if (prepared.every((numbers) => ArrayBuffer.isView(numbers))) return prepared;
    throw new Refusal(
      400,
      `Task "${task.name}": ${place} is a list, expected numbers with their type. Give { "dtype": "float32", "base64": "…" }, or a file.`,
      'data',
    );
  }

  /** Gives what the task's head makes of examples, undecoded. `beam`: see `PredictOptions.beam`. */
  outputs({ task }: ServedTask, examples: readonly Prepared[], beam = 1): Promise<readonly SampleOutput[]> {
    if (beam > 1 && task.writing === undefined) {
      throw new Refusal(
        400,
        `Task "${task.name}" was asked with beam ${beam}, and its head writes no sequences. Expected a task that writes. Leave beam out.`,
      );
    }
    // A picture from a file is float32, one of bytes int32: each is a graph of its own.
    const types = examples[0]!.map((numbers) => numbers.constructor.name);
    return this.#batcher.submit([task.name, beam, ...types].join(' '), examples);
  }

  decode({ task }: ServedTask, output: SampleOutput, place: string): unknown {
    return decodeOutput(task, output, place);
  }

  /** Keeps it from being retired until the returned function is called, once. */
  hold(): () => void {
    this.#holders++;
    return () => {
      this.#holders--;
      if (this.#holders === 0) for (const done of this.#whenRetired.splice(0)) done();
    };
  }

  /** Resolves when nobody holds it; nobody new may come. */
  async retire(): Promise<void> {
    if (this.#holders > 0) await new Promise<void>((done) => this.#whenRetired.push(done));
  }

  async #compute(key: string, examples: readonly Prepared[], metrics: Metrics): Promise<readonly SampleOutput[]> {
    const [name, beam] = key.split(' ');
    const { task } = this.tasks.get(name!)!;
    const { body, lease } = internals(this.network);
    metrics.observeBatch(name!, examples.length);
    const option = task.writing === undefined ? {} : { beam: Number(beam) };
    return lease.use(() => outputsOfPrepared(body, task, examples, option));
  }
}

/** How a network's examples are put into batches, and who counts them. */
export interface Batching extends BatchOptions {
  readonly metrics: Metrics;
}

import { join } from 'node:path';
import { Container, type ContainerModule } from 'inversify';
import { readFolder, writeFolder } from '../checkpoint/index.ts';
import { BanyanError } from '../error.ts';
import { type CompileMode, startRuntime } from '../runtime/index.ts';
import type { Json, Stem } from '../task/contract.ts';
import { taskPlugin } from '../task/plugin.ts';
import type { AnyTask, Task } from '../task/task.ts';
import { TASK } from '../task/tokens.ts';
import { type Column, type Trunk, trunkFromConfig } from '../trunk/index.ts';
import { NetworkBody } from './body.ts';
import { collate } from './host-batch.ts';
import { nameOutput, samplesOf } from './outputs.ts';
import type { BuiltTask } from './pass.ts';
import { describeNetwork, encodeWeights, type NetworkDescription, restoreWeights, WEIGHTS } from './store.ts';
import { columnsOf, type Summary, summarise } from './summary.ts';

/** The task(s) among T whose name may be N. */
export type Named<T, N extends string> = T extends { readonly name: infer M } ? (N extends M ? T : never) : never;
// biome-ignore lint/suspicious/noExplicitAny: the other type arguments play no role here
export type InputOf<T> = T extends Task<infer I, any, any> ? I : never;
// biome-ignore lint/suspicious/noExplicitAny: the other type arguments play no role here
export type PredictionOf<T> = T extends Task<any, any, infer P> ? P : never;

const PREDICTION_BATCH = 64;

export interface NetworkOptions<T extends AnyTask> {
  readonly trunk: Trunk;
  readonly tasks?: readonly T[];
  /** inversify modules that bind `TASK`, and what their tasks need. */
  readonly plugins?: readonly ContainerModule[];
  /** Of the first weights. Default 0. */
  readonly seed?: number;
}

export interface LoadOptions<T extends AnyTask> {
  readonly tasks?: readonly T[];
  readonly plugins?: readonly ContainerModule[];
  /** Where the network was made with a trunk of the user's own. */
  readonly trunk?: Trunk;
}

export interface PredictOptions {
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/** One shared trunk with its stems and heads. Made by `createNetwork` or `Network.load`. */
export class Network<Tasks extends AnyTask = AnyTask> {
  /** Plugins live here; unloading one takes its tasks out of `tasks`. */
  readonly container: Container;
  /** The graph side, for who writes a training loop of their own. */
  readonly body: NetworkBody;
  #disposed = false;
  #holders = 0;

  private constructor(container: Container, body: NetworkBody) {
    this.container = container;
    this.body = body;
  }

  /** `createNetwork`, or, with `saved`, the shell of a saved network that waits for its weights. */
  static async create<T extends AnyTask>(options: NetworkOptions<T>, saved?: NetworkDescription): Promise<Network<T>> {
    await startRuntime();
    const container = new Container();
    if (options.tasks !== undefined) await container.load(taskPlugin(...options.tasks));
    await container.load(...(options.plugins ?? []));
    const bound = container.isBound(TASK) ? container.getAll(TASK) : [];
    const tasks = saved === undefined ? bound : saved.tasks.map(({ name }) => savedTask(bound, name));
    checkNames(tasks);
    // A saved network brings its assets; only a new one may have to look at its data.
    if (saved === undefined) for (const source of new Set(tasks.map((task) => task.source))) await source.open?.();
    return new Network<T>(
      container,
      new NetworkBody(container, options.trunk, tasks, options.seed ?? 0, saved?.assets),
    );
  }

  /**
   * A saved network: same weights, same outputs to the bit.
   * @throws BanyanError `checkpoint` when a file is missing or damaged, or a task of it is not among `tasks` and `plugins`.
   */
  static async load<T extends AnyTask>(dir: string, options: LoadOptions<T> = {}): Promise<Network<T>> {
    const { content, files } = await readFolder(dir);
    const saved = content as unknown as NetworkDescription;
    const [config] = saved.columns;
    const trunk = options.trunk ?? trunkFromConfig(config!);
    if (trunk === undefined) {
      throw new BanyanError(
        'checkpoint',
        `${dir} was saved with a trunk of its own kind, ${JSON.stringify(config)}. Expected a built-in kind. Give the trunk as \`trunk\`.`,
      );
    }
    const network = await Network.create<T>({ ...options, trunk, seed: saved.seed }, saved);
    try {
      restoreWeights(network.body, files.get(WEIGHTS) ?? new Uint8Array(), join(dir, WEIGHTS));
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  get tasks(): readonly AnyTask[] {
    const bound = this.container.isBound(TASK) ? this.container.getAll(TASK) : [];
    // By name: a module may bind a task so that each resolution makes a new object.
    return this.body.tasks.map((task) => task.task).filter(({ name }) => bound.some((task) => task.name === name));
  }

  get columns(): readonly Column[] {
    return columnsOf(this.body);
  }

  /** The built stem of a task, for instance to prepare examples. */
  stem(task: string): Stem<unknown> {
    return this.body.task(task).stem.stem;
  }

  summary(): Summary {
    return summarise(this.body);
  }

  predict<N extends Tasks['name']>(
    task: N,
    inputs: readonly InputOf<Named<Tasks, N>>[],
    options?: PredictOptions,
  ): Promise<PredictionOf<Named<Tasks, N>>[]>;
  predict<I, P>(task: Task<I, never, P>, inputs: readonly I[], options?: PredictOptions): Promise<P[]>;
  /**
   * Predictions for raw inputs, with the current weights.
   * @throws BanyanError `argument` for an unknown task, `shape` for an input of the wrong size.
   */
  async predict(
    task: string | { readonly name: string },
    inputs: readonly unknown[],
    options: PredictOptions = {},
  ): Promise<unknown[]> {
    this.hold();
    try {
      return await this.#predict(
        this.body.task(typeof task === 'string' ? task : task.name),
        inputs,
        options.compile ?? 'auto',
      );
    } finally {
      this.release();
    }
  }

  async #predict(built: BuiltTask, inputs: readonly unknown[], compile: CompileMode): Promise<unknown[]> {
    const predictions: unknown[] = [];
    for (let start = 0; start < inputs.length; start += PREDICTION_BATCH) {
      const part = inputs.slice(start, start + PREDICTION_BATCH);
      const prepared = part.map((input) => built.stem.stem.prepare(input));
      // Few sizes, so few graphs: what is added is computed in vain.
      const graphs = this.body.runner.modeOf(compile, 'predict') !== 'eager';
      const size = graphs ? 2 ** Math.ceil(Math.log2(part.length)) : part.length;
      const full = Array.from({ length: size }, (_, i) => prepared[Math.min(i, part.length - 1)]!);
      const host = collate(built.name, built.stem.stem, full);
      const results = await this.body.runner.run(
        {
          kind: 'predict',
          key: built.name,
          inputs: [host],
          variables: this.body.store.all().map(({ variable }) => variable),
          trace: ([batch]) => {
            const { tokens, call } = this.body.encode(built.stem, batch!, false);
            return nameOutput(this.body.output(built, tokens, call));
          },
        },
        compile,
      );
      for (const sample of samplesOf(results, part.length)) predictions.push(built.head.decode(sample));
    }
    return predictions;
  }

  /** Writes weights and what belongs to them into this folder, whole or not at all; an older network there is replaced. */
  async save(dir: string): Promise<void> {
    this.hold();
    try {
      const weights = await this.body.runner.exclusive(() => encodeWeights(this.body));
      const files = new Map([[WEIGHTS, weights]]);
      await writeFolder(dir, files, describeNetwork(this.body) as unknown as Json);
    } finally {
      this.release();
    }
  }

  /** Frees all weights; where a training runs, once its running step has ended. The network cannot be used afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#holders === 0) this.body.dispose();
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Keeps the weights alive until `release`, for whoever works on them over several turns of the event loop. */
  hold(): void {
    this.assertAlive();
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#disposed && this.#holders === 0) this.body.dispose();
  }

  assertAlive(): void {
    if (this.#disposed) {
      throw new BanyanError(
        'argument',
        'This network was disposed and has no weights any more. Expected a live network. Create or load it again.',
      );
    }
  }
}

function savedTask(bound: readonly AnyTask[], name: string): AnyTask {
  const task = bound.find((candidate) => candidate.name === name);
  if (task !== undefined) return task;
  const given = bound.map((candidate) => candidate.name).join(', ') || 'none';
  throw new BanyanError(
    'checkpoint',
    `The saved network has a task "${name}", and no definition of it was given. Expected it among \`tasks\` or bound by one of \`plugins\`, received: ${given}. Give the task or its plugin.`,
  );
}

function checkNames(tasks: readonly AnyTask[]): void {
  if (tasks.length === 0) {
    throw new BanyanError(
      'argument',
      'A network needs at least one task, received none. Give `tasks` or a plugin that binds TASK.',
    );
  }
  const twice = tasks.find((task, i) => tasks.findIndex((other) => other.name === task.name) < i);
  if (twice !== undefined) {
    throw new BanyanError(
      'argument',
      `Two tasks are named "${twice.name}", expected each name once. Rename one of them.`,
    );
  }
}

/**
 * Builds a network: a trunk, and a stem and head for each task.
 * @throws BanyanError for a task named twice, an unbound token, impossible shapes.
 */
export function createNetwork<T extends AnyTask = AnyTask>(options: NetworkOptions<T>): Promise<Network<T>> {
  return Network.create(options);
}

import { Container } from 'inversify';
import { readFolder, writeFolder } from '../checkpoint/index.ts';
import { BanyanError } from '../error.ts';
import { checkSeed } from '../random/index.ts';
import { type Computation, isGone, startRuntime } from '../runtime/index.ts';
import type { Json, SampleOutput, Stem } from '../task/contract.ts';
import type { AnyTask, Task } from '../task/task.ts';
import { allLaterals, type Column, type Trunk } from '../trunk/index.ts';
import { Asides } from './asides.ts';
import { bindTasks, boundTasks, containerOf } from './assembly/bind-tasks.ts';
import { NetworkBody } from './assembly/body.ts';
import { columnsOf, type Summary, summarise } from './assembly/summary.ts';
import type { PlaceOf } from './batch/places.ts';
import { measuringContext } from './batch/read-examples.ts';
import { Claim } from './claim.ts';
import { decodeOutput, outputsOf } from './inference/outputs.ts';
import { type PruneOptions, type Pruning, pruneLastColumn } from './inference/prune.ts';
import type {
  ColumnOptions,
  InputOf,
  LoadOptions,
  Named,
  NetworkOptions,
  PredictionOf,
  PredictOptions,
} from './options.ts';
import { networkDescription } from './storage/description.ts';
import { FrozenTasks } from './storage/frozen.ts';
import { describeNetwork, networkFiles, restoreNetwork, storedNetwork } from './storage/network-files.ts';
import { savedTasks, savedTrunks } from './storage/saved-parts.ts';

/** One shared trunk with its stems and heads. Made by `createNetwork` or `Network.load`. */
export class Network<Tasks extends AnyTask = AnyTask> {
  /** Plugins live here; unloading one takes its tasks out of `tasks`. */
  readonly container: Container;
  /** The graph side, for who writes a training loop of their own. */
  readonly body: NetworkBody;
  /** The proof that frozen tasks still give what they gave. */
  readonly frozen: FrozenTasks;
  /** What waits for the moment between two updates; a training gives it its turns. */
  readonly asides = new Asides();
  #disposed = false;
  #holders = 0;
  #claim: Claim | undefined;
  /** The last error that nobody was there to hear. */
  #lost: { readonly error: unknown } | undefined;
  /** Who waits for the moment in which nothing runs. */
  #waiting: (() => void)[] = [];

  private constructor(container: Container, seed: number, assets?: Readonly<Record<string, Json>>) {
    this.container = container;
    this.body = new NetworkBody(container, seed, assets);
    this.frozen = new FrozenTasks(this.body);
  }

  /** `createNetwork`. */
  static async create<T extends AnyTask>(options: NetworkOptions<T>): Promise<Network<T>> {
    const { trunk, seed = 0 } = options;
    checkSeed('createNetwork: seed', seed);
    await startRuntime();
    const container = new Container();
    const { tasks } = await bindTasks(container, options);
    const network = new Network<T>(container, seed);
    try {
      network.body.addColumn({ trunk, laterals: 'none', inputs: allLaterals(trunk.depth, []) }, tasks);
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  /**
   * A saved network: same weights, same outputs to the bit. A grown one is checked: its frozen tasks must give what they
   * gave when they were frozen.
   * @throws BanyanError `checkpoint` when a file is missing or damaged, or a task of it is not among `tasks` and `plugins`;
   * `frozen` for a task that gives other outputs.
   */
  static async load<T extends AnyTask>(dir: string, options: LoadOptions<T> = {}): Promise<Network<T>> {
    const folder = await readFolder(dir);
    const saved = networkDescription(folder.content, dir);
    const stored = storedNetwork(folder, dir);
    await startRuntime();
    const container = await containerOf(options);
    const tasks = savedTasks(saved, boundTasks(container));
    const trunks = savedTrunks(dir, saved, options.trunk, container);
    // It brings its assets, so that no data need be here.
    const network = new Network<T>(container, saved.seed, saved.assets);
    try {
      network.body.store.expecting(stored.weights, () => {
        for (const [i, { laterals, inputs, tasks: names, through }] of saved.columns.entries()) {
          const own = names.map((name) => tasks.get(name)!);
          network.body.addColumn({ trunk: trunks[i]!, laterals, inputs }, own, through);
        }
      });
      restoreNetwork(network, saved, stored);
      await network.frozen.verify();
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  get tasks(): readonly AnyTask[] {
    const bound = boundTasks(this.container);
    // By name: a module may bind a task so that each resolution makes a new object.
    return this.body.tasks
      .map((task) => task.definition)
      .filter(({ name }) => bound.some((task) => task.name === name));
  }

  get columns(): readonly Column[] {
    return columnsOf(this.body);
  }

  /**
   * Adds a column for new tasks beside what is there and freezes all of that: its weights leave every optimiser, it runs in
   * inference mode and forward only, and its tasks' outputs stay equal to the bit (Rusu et al. 2016, Progressive Neural
   * Networks). Sharing a stem object holds within a column: the new one gets a stem of its own.
   * Warns where it hears nothing of what is there: in a network of depth 1.
   * @throws BanyanError `argument` for a trunk of another depth, a task's name that is taken, no task, an unusable
   * `laterals.stem`; `busy` while the network is trained.
   */
  async addColumn(options: ColumnOptions): Promise<void> {
    const claim = this.claim('grown');
    try {
      await claim.before;
      const { body } = this;
      const first = body.columns[0]!.plan.trunk;
      const { trunk = first, laterals = {} } = options;
      const { kind = 'nonlinear', stem } = typeof laterals === 'string' ? { kind: laterals } : laterals;
      checkDepth(trunk, first);
      const taken = body.tasks.map(({ name }) => name);
      const { tasks, unload } = await bindTasks(this.container, options, taken);
      const before = body.columns.at(-1)!.tasks;
      try {
        for (const task of before) await this.frozen.add(task, measuringContext(this));
        const widths = body.columns.map(({ plan }) => plan.trunk.width);
        const inputs = allLaterals(trunk.depth, kind === 'none' ? [] : widths);
        body.addColumn({ trunk, laterals: kind, inputs }, tasks, stem);
        if (kind !== 'none' && inputs.flat().length === 0) {
          process.emitWarning(
            "addColumn: the new column hears nothing of what is there, since nothing comes into a column's first block, and this network has depth 1. Expected a depth of 2 or more. Begin with a deeper trunk, or set laterals to 'none'.",
            'BanyanWarning',
          );
        }
      } catch (error) {
        for (const { name } of before) this.frozen.remove(name);
        unload();
        throw error;
      }
      this.#loaded.set(body.columns.length - 1, unload);
    } finally {
      claim.end();
    }
  }

  /**
   * Takes the last column away, with its tasks; the one before it can be trained again.
   * @throws BanyanError `argument` for a column that is not the last, or the only one.
   */
  async removeColumn(column: number = this.body.columns.length - 1): Promise<void> {
    const claim = this.claim('cut back');
    try {
      await claim.before;
      const last = this.body.columns.length - 1;
      if (column !== last || last === 0) {
        throw new BanyanError(
          'argument',
          last === 0
            ? 'removeColumn: this network has one column, expected one that was added. Dispose the network instead.'
            : `removeColumn: expected the last column, ${last}, received ${column}: later ones build on it. Remove those first.`,
        );
      }
      this.body.removeColumn();
      this.#loaded.get(last)?.();
      this.#loaded.delete(last);
      for (const { name } of this.body.columns.at(-1)!.tasks) this.frozen.remove(name);
    } finally {
      claim.end();
    }
  }

  /**
   * Removes lateral inputs of the last column that its tasks hardly listen to, by Fisher sensitivity on the validation split:
   * whole adapters, then single channels. Earlier columns stay as they are. Train on afterwards to make up for what is lost.
   * @returns the metrics against what was left, as measured on the way.
   * @throws BanyanError `argument` for a column without laterals or impossible options; `data` without a validation split.
   */
  async pruneLaterals(options: PruneOptions): Promise<Pruning> {
    const claim = this.claim('pruned');
    try {
      await claim.before;
      return await pruneLastColumn(this as Network, options);
    } finally {
      claim.end();
    }
  }

  /** What takes the tasks of an added column out of the container again. */
  readonly #loaded = new Map<number, () => void>();

  /** The built stem of a task, for instance to prepare examples. */
  stem(task: string): Stem<unknown> {
    return this.body.task(task).stem.implementation;
  }

  summary(): Summary {
    this.assertAlive();
    return summarise(this.body);
  }

  predict<N extends Tasks['name']>(
    task: N,
    inputs: readonly InputOf<Named<Tasks, N>>[],
    options?: PredictOptions,
  ): Promise<PredictionOf<Named<Tasks, N>>[]>;
  // biome-ignore lint/suspicious/noExplicitAny: the target plays no role here
  predict<I, P>(task: Task<I, any, P>, inputs: readonly I[], options?: PredictOptions): Promise<P[]>;
  /**
   * Predictions for raw inputs, with the current weights.
   * @throws BanyanError `argument` for an unknown task, `shape` for an input of the wrong size, `data` for one that is missing
   * or holds a number that is not finite.
   */
  async predict(
    task: string | { readonly name: string },
    inputs: readonly unknown[],
    options: PredictOptions = {},
  ): Promise<unknown[]> {
    const name = typeof task === 'string' ? task : task.name;
    const samples = await this.outputs(name, inputs, options);
    const built = this.body.task(name);
    return samples.map((sample, i) => decodeOutput(built, sample, `input ${i}`));
  }

  /** What a task's head gives for raw inputs, undecoded, one a sample. Errors as of `predict`. */
  async outputs(
    task: string,
    inputs: readonly unknown[],
    options: PredictOptions & { readonly instead?: Computation['instead']; readonly placeOf?: PlaceOf } = {},
  ): Promise<readonly SampleOutput[]> {
    return this.use(() => outputsOf(this.body, this.body.task(task), inputs, options));
  }

  /** Writes weights and what belongs to them into this folder, whole or not at all; an older network there is replaced. */
  async save(dir: string): Promise<void> {
    await this.use(async () => {
      const files = await this.body.runner.exclusive(() => networkFiles(this));
      await writeFolder(dir, files, describeNetwork(this) as unknown as Json);
    });
  }

  /**
   * Frees all weights; where a training runs, once its running step has ended, and where one was left, once that has written its
   * last checkpoint. The network cannot be used afterwards.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#claim?.stop(disposedError());
    if (this.#holders === 0) this.body.dispose();
  }

  /**
   * Resolves when nothing runs on the network any more: no training (also none that was left by unsubscribing, as `take` and
   * `first` do), evaluation or prediction. Not to be awaited by what itself runs on it, such as a source.
   * @throws the last error of a training that was left, once: such a training has nobody else to tell it to.
   */
  async idle(): Promise<void> {
    while (this.#holders > 0) await new Promise<void>((done) => this.#waiting.push(done));
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost !== undefined) throw lost.error;
  }

  /** Keeps the error of a training that was left for `idle`; where nobody waits there, it is a warning. */
  lose(error: unknown): void {
    const heard = this.#waiting.length > 0 && this.#lost === undefined;
    this.#lost = { error };
    if (heard) return;
    const message = error instanceof Error ? error.message : String(error);
    process.emitWarning(
      `A training that was left has failed: ${message.replace(/\.?$/, '.')} Await network.idle() to hear of it.`,
      'BanyanWarning',
    );
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
    if (this.#holders > 0) return;
    if (this.#disposed) this.body.dispose();
    for (const done of this.#waiting.splice(0)) done();
  }

  /** Does something with the network and keeps its weights alive meanwhile; a training that was left ends before. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.hold();
    try {
      for (let ending = this.#ending; ending !== undefined; ending = this.#ending) await ending;
      return await work();
    } finally {
      this.release();
    }
  }

  /** The end of a training that was left. */
  get #ending(): Promise<void> | undefined {
    return this.#claim?.left ? this.#claim.ended : this.#claim?.before;
  }

  /**
   * Does something with the network as it is: at once, or, while something changes it, between two updates or after the
   * change. A training waits for it, and ends with the same bits as without it; so it must change nothing.
   */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.hold();
    try {
      return await (this.#claim === undefined ? work() : this.asides.add(work));
    } finally {
      this.release();
    }
  }

  /**
   * Holds the network for what changes it: one such thing at a time. `what` it is being, for the error. The work begins after
   * `before`, and whoever did it calls `end`.
   * @throws BanyanError `busy`, unless what runs was left.
   */
  claim(what: string): Claim {
    const before = this.#claim;
    if (before !== undefined && !before.left) {
      throw new BanyanError(
        'busy',
        `This network is being ${before.what}, expected one change at a time. Wait for it to end; to watch one training from several places, share its Observable.`,
      );
    }
    this.hold();
    const claim = new Claim(what, before, () => {
      if (this.#claim === claim) {
        this.#claim = undefined;
        void this.asides.turn();
      }
      this.release();
    });
    this.#claim = claim;
    return claim;
  }

  assertAlive(): void {
    if (this.#disposed) throw disposedError();
    const variables = this.body.store.all();
    const gone = variables.filter(({ variable }) => isGone(variable));
    if (gone.length > 0) {
      throw new BanyanError(
        'argument',
        `The weights of this network are gone: ${gone.length} of ${variables.length} variables were disposed outside of it (${gone[0]!.name}${gone.length > 1 ? ', …' : ''}; tf.disposeVariables frees those of all networks). Expected all of them. Load it from where it was saved, or create it again, and free networks by their dispose().`,
      );
    }
  }
}

const disposedError = () =>
  new BanyanError(
    'argument',
    'This network was disposed and has no weights any more. Expected a live network. Create or load it again.',
  );

function checkDepth({ depth }: Trunk, first: Trunk): void {
  if (depth === first.depth) return;
  throw new BanyanError(
    'argument',
    `addColumn: trunk has depth ${depth}, expected ${first.depth}, that of the first column: a block hears the blocks before its own depth. Give it that depth.`,
  );
}

/**
 * Builds a network: a trunk, and a stem and head for each task.
 * @throws BanyanError for a task named twice, an unbound token, impossible shapes, a seed that is none.
 */
export function createNetwork<T extends AnyTask = AnyTask>(options: NetworkOptions<T>): Promise<Network<T>> {
  return Network.create(options);
}

import { Container } from 'inversify';
import { readFolder, writeFolder } from '../checkpoint/index.ts';
import { BanyanError } from '../error.ts';
import { checkSeed } from '../random/index.ts';
import { startRuntime } from '../runtime/index.ts';
import type { Json } from '../task/contract.ts';
import type { AnyTask, SeveralInputsTask, Task } from '../task/task.ts';
import { allLaterals, type Column } from '../trunk/index.ts';
import { bindTasks, boundTasks, containerOf } from './assembly/bind-tasks.ts';
import { NetworkBody } from './assembly/body.ts';
import { planColumn, warnOfSilence } from './assembly/plan-column.ts';
import { columnsOf, type Summary, summarise } from './assembly/summary.ts';
import { measuringContext } from './inference/context.ts';
import { decodeOutput, outputsOf } from './inference/outputs.ts';
import { type PruneOptions, type Pruning, pruneLastColumn } from './inference/prune.ts';
import { type PrunedTrunk, type PruneTrunkOptions, pruneLastTrunk } from './inference/prune-trunk.ts';
import type { Internals } from './internals.ts';
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
import { buildStored, describeNetwork, networkFiles, restoreNetwork, storedNetwork } from './storage/network-files.ts';
import { savedTasks, savedTrunks } from './storage/saved-parts.ts';

/** A network of whatever tasks. */
// biome-ignore lint/suspicious/noExplicitAny: a network of narrower tasks is one too, though `predict` takes their names alone
export type AnyNetwork = Network<any>;

/** Gives what stands behind a network, to the other rooms of this package. */
export const internals = (network: AnyNetwork): Internals => open(network);
let open: (network: AnyNetwork) => Internals;

/** A network has one shared trunk with stems and heads. It is made by `createNetwork` or `Network.load`. */
export class Network<Tasks extends AnyTask = AnyTask> {
  /** The plugins' modules live here; unloading one takes its tasks out of `tasks`. */
  readonly container: Container;
  readonly #internals: Internals;
  /** Functions that take the tasks of an added column, by its number, out of the container again. */
  readonly #unload = new Map<number, () => void>();

  static {
    open = (network) => network.#internals;
  }

  private constructor(container: Container, seed: number, assets?: Readonly<Record<string, Json>>) {
    const body = new NetworkBody(container, seed, assets);
    this.container = container;
    this.#internals = { container, body, lease: body.lease, frozen: new FrozenTasks(body) };
  }

  /** Builds a network, as `createNetwork` does. */
  static async create<T extends AnyTask>(options: NetworkOptions<T>): Promise<Network<T>> {
    const { trunk, seed = 0 } = options;
    checkSeed('createNetwork: seed', seed);
    await startRuntime();
    const container = new Container();
    const { tasks } = await bindTasks(container, options);
    const network = new Network<T>(container, seed);
    try {
      network.#internals.body.addColumn({ trunk, laterals: 'none', inputs: allLaterals(trunk.depth, []) }, tasks);
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  /**
   * Loads a saved network: same weights, same outputs to the bit. A grown one is checked: its frozen tasks must give what they
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
      buildStored(network.#internals.body, saved, stored, tasks, trunks);
      restoreNetwork(network.#internals, saved, stored);
      await network.#internals.frozen.verify();
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  /** The tasks of the network, without those whose plugin was unloaded. */
  get tasks(): readonly AnyTask[] {
    return this.#internals.body.boundTasks.map(({ definition }) => definition);
  }

  /** The kind, size, tasks and laterals of each column. */
  get columns(): readonly Column[] {
    return columnsOf(this.#internals.body);
  }

  /** Lists stems, columns and heads, with the numbers of their parameters. */
  summary(): Summary {
    const { body, lease } = this.#internals;
    lease.assertLive();
    return summarise(body);
  }

  predict<N extends Tasks['name']>(
    task: N,
    inputs: readonly InputOf<Named<Tasks, N>>[],
    options?: PredictOptions,
  ): Promise<PredictionOf<Named<Tasks, N>>[]>;
  predict<I, P>(
    // biome-ignore lint/suspicious/noExplicitAny: the target plays no role here
    task: Task<I, any, P> | SeveralInputsTask<I, any, P>,
    inputs: readonly I[],
    options?: PredictOptions,
  ): Promise<P[]>;
  /**
   * Predicts for raw inputs, with the current weights.
   * @throws BanyanError `argument` for an unknown task, `shape` for an input of the wrong size, `data` for one that is missing
   * or holds a number that is not finite.
   */
  async predict(
    task: string | { readonly name: string },
    inputs: readonly unknown[],
    options: PredictOptions = {},
  ): Promise<unknown[]> {
    const name = typeof task === 'string' ? task : task.name;
    const { body, lease } = this.#internals;
    const samples = await lease.use(() => outputsOf(body, body.task(name), inputs, options));
    const built = body.task(name);
    return samples.map((sample, i) => decodeOutput(built, sample, `input ${i}`));
  }

  /**
   * Adds a column for new tasks beside what is there and freezes all of that: its weights leave every optimiser, it runs in
   * inference mode and forward only, and its tasks' outputs stay equal to the bit (Rusu et al. 2016, Progressive Neural
   * Networks). Sharing a stem object holds within a column: the new one gets a stem of its own.
   * It warns where the column hears nothing of what is there: in a network of depth 1.
   * @returns this network, whose type knows the new tasks.
   * @throws BanyanError `argument` for a trunk of another depth, a task's name that is taken, no task, an unusable
   * `laterals.stem`; `busy` while the network is trained.
   */
  async addColumn<New extends AnyTask>(options: ColumnOptions<New>): Promise<Network<Tasks | New>> {
    const { body, lease, frozen } = this.#internals;
    await lease.change('grown', async () => {
      const { plan, routeStem } = planColumn(body.columns, options);
      const taken = body.tasks.map(({ name }) => name);
      const { tasks, unload } = await bindTasks(this.container, options, taken);
      const before = body.columns.at(-1)!.tasks;
      try {
        for (const task of before) await frozen.add(task, measuringContext(body));
        body.addColumn(plan, tasks, routeStem);
        warnOfSilence(plan);
      } catch (error) {
        for (const { name } of before) frozen.remove(name);
        unload();
        throw error;
      }
      this.#unload.set(body.columns.length - 1, unload);
    });
    return this as Network<Tasks | New>;
  }

  /**
   * Takes the last column away, with its tasks; the one before it can be trained again.
   * @throws BanyanError `argument` for a column that is not the last, or the only one.
   */
  async removeColumn(column: number = this.#internals.body.columns.length - 1): Promise<void> {
    const { body, lease, frozen } = this.#internals;
    await lease.change('cut back', async () => {
      const last = body.columns.length - 1;
      if (column !== last || last === 0) {
        throw new BanyanError(
          'argument',
          last === 0
            ? 'removeColumn: this network has one column, expected one that was added. Dispose the network instead.'
            : `removeColumn: expected the last column, ${last}, received ${column}: later ones build on it. Remove those first.`,
        );
      }
      body.removeColumn();
      this.#unload.get(last)?.();
      this.#unload.delete(last);
      for (const { name } of body.columns.at(-1)!.tasks) frozen.remove(name);
    });
  }

  /**
   * Removes lateral inputs of the last column that its tasks hardly listen to, by Fisher sensitivity on the validation split:
   * whole adapters, then single channels. Earlier columns stay as they are. Train on afterwards to make up for what is lost.
   * @returns the metrics against what was left, as measured on the way.
   * @throws BanyanError `argument` for a column without laterals or impossible options; `data` without a validation split.
   */
  pruneLaterals(options: PruneOptions): Promise<Pruning> {
    const { body, lease } = this.#internals;
    return lease.change('pruned', () => pruneLastColumn(body, options));
  }

  /**
   * Takes from each block of the last column's trunk the heads of attention and the channels between its dense layers whose weights are
   * smallest: its tensors become smaller, and it faster. Train on afterwards to make up for what is lost; it is saved, loaded and exported as any other.
   * @returns what is left.
   * @throws BanyanError `argument` for a trunk without heads of attention, or one that its tasks do not share whole; `busy` while the
   * network is trained.
   */
  pruneTrunk(options: PruneTrunkOptions): Promise<PrunedTrunk> {
    const { body, lease } = this.#internals;
    return lease.change('pruned', async () => pruneLastTrunk(body, options));
  }

  /** Writes weights and what belongs to them into this folder, whole or not at all; an older network there is replaced. */
  async save(dir: string): Promise<void> {
    const { body, lease } = this.#internals;
    await lease.use(async () => {
      const files = await body.runner.exclusive(() => networkFiles(this.#internals));
      await writeFolder(dir, files, describeNetwork(this.#internals) as unknown as Json);
    });
  }

  /**
   * Resolves when nothing runs on the network any more: no training (also none that was left by unsubscribing, as `take` and
   * `first` do), evaluation or prediction. Not to be awaited by what itself runs on it, such as a source.
   * @throws the last error of a training that was left, once: such a training has nobody else to tell it to.
   */
  idle(): Promise<void> {
    return this.#internals.lease.idle();
  }

  /**
   * Frees all weights; where a training runs, once its running step has ended, and where one was left, once that has written its
   * last checkpoint. The network cannot be used afterwards.
   */
  dispose(): void {
    this.#internals.lease.dispose();
  }
}

/**
 * Builds a network: a trunk, and a stem and head for each task.
 * @throws BanyanError for a task named twice, an unbound token, impossible shapes, a seed that is none.
 */
export function createNetwork<T extends AnyTask = AnyTask>(options: NetworkOptions<T>): Promise<Network<T>> {
  return Network.create(options);
}

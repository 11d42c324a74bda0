import { BanyanError } from '../error.ts';
import { didYouMean } from '../nearest.ts';
import { type AnyNetwork, internals } from '../network/index.ts';
import { show } from '../show.ts';
import { Refusal } from './refusal.ts';
import { type Batching, ServedNetwork } from './served-network.ts';
import type { ServedTask } from './served-task.ts';

/** A task under the name by which it is asked for. */
export interface Model {
  readonly name: string;
  readonly network: ServedNetwork;
  readonly served: ServedTask;
}

interface Place {
  served: ServedNetwork;
  /** How many networks there were in this place. */
  count: number;
}

/** The name of the place of a network that is served alone: its tasks then have their own names. */
export const ONLY = 'network';

/** The networks that are served, each in a place in which another may follow it, and their tasks by the names of models. */
export class Models {
  readonly #places = new Map<string, Place>();
  /** By the model's name: its place, and its task there. */
  readonly #models = new Map<string, readonly [place: string, task: string]>();
  readonly #batching: Batching;

  private constructor(batching: Batching) {
    this.#batching = batching;
  }

  /**
   * Gets networks ready. One alone is named `ONLY`; of several, tasks are named NETWORK.TASK. `tasks`: those that are served, by
   * these names. Default: all.
   * @throws BanyanError `argument` for a name that is none of theirs, and for no network.
   */
  static async open(
    networks: ReadonlyMap<string, AnyNetwork>,
    tasks: readonly string[] | undefined,
    batching: Batching,
  ): Promise<Models> {
    const models = new Models(batching);
    const all = new Map<string, readonly [place: string, task: string]>();
    for (const [place, network] of networks) {
      for (const { name } of network.tasks) all.set(networks.size === 1 ? name : `${place}.${name}`, [place, name]);
    }
    for (const name of tasks ?? all.keys()) {
      const found = all.get(name);
      if (found === undefined) throw new BanyanError('argument', `serve: ${noSuchTask(name, [...all.keys()])}`);
      models.#models.set(name, found);
    }
    for (const [place, network] of networks) {
      const served = await ServedNetwork.open(network, '1', models.#tasksOf(place), batching);
      models.#places.set(place, { served, count: 1 });
    }
    return models;
  }

  /** All models, by name. */
  get all(): readonly Model[] {
    return [...this.#models.keys()].map((name) => this.get(name));
  }

  get places(): readonly { readonly name: string; readonly served: ServedNetwork }[] {
    return Array.from(this.#places, ([name, { served }]) => ({ name, served }));
  }

  /** How many examples wait for a batch, over all networks. */
  get waiting(): number {
    return this.places.reduce((sum, { served }) => sum + served.waiting, 0);
  }

  /** Does something with the task of this name, whose network stays until that is done. @throws Refusal 404. */
  async use<T>(name: string, work: (model: Model) => Promise<T>): Promise<T> {
    const model = this.get(name);
    const release = model.network.hold();
    try {
      return await work(model);
    } finally {
      release();
    }
  }

  /** The task of this name in the network that answers now. @throws Refusal 404. */
  get(name: string): Model {
    const found = this.#models.get(name);
    if (found === undefined) throw new Refusal(404, noSuchTask(name, [...this.#models.keys()]));
    const [place, task] = found;
    const network = this.#places.get(place)!.served;
    return { name, network, served: network.tasks.get(task)! };
  }

  /**
   * Puts a network in the place of another, which still answers what it has taken; what comes later the new one answers, once it is ready.
   * @returns the old network, once nothing of it is computed any more.
   * @throws BanyanError `argument` for a place that there is not, and for a network without a task that is served.
   */
  async replace(name: string, network: AnyNetwork): Promise<AnyNetwork> {
    const place = this.#places.get(name);
    if (place === undefined) {
      const names = [...this.#places.keys()];
      throw new BanyanError(
        'argument',
        `replace: there is no network "${name}". Expected one of: ${names.join(', ')}. ${didYouMean(name, names, 'Name one of these.')}`,
      );
    }
    const tasks = this.#tasksOf(name);
    for (const task of tasks) internals(network).body.task(task);
    const served = await ServedNetwork.open(network, String(place.count + 1), tasks, this.#batching);
    const before = place.served;
    place.served = served;
    place.count++;
    this.#batching.metrics.observeReplacement(name);
    await before.retire();
    return before.network;
  }

  /** Resolves when all requests are answered. */
  async idle(): Promise<void> {
    await Promise.all(this.places.map(({ served }) => served.retire()));
  }

  #tasksOf(place: string): readonly string[] {
    return [...this.#models.values()].flatMap(([its, task]) => (its === place ? [task] : []));
  }
}

const noSuchTask = (name: string, names: readonly string[]): string =>
  `There is no task ${show(name)} here. Expected one of: ${names.join(', ')}. ${didYouMean(name, names, 'Name one of these.')}`;

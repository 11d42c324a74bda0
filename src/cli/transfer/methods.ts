import { assignStored, type Network, readVariable } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import type { Method } from '../experiment/schema.ts';
import type { Run } from './plan.ts';
import { freshNetwork, loadSource, sourceTasks } from './source.ts';
import type { Workplace } from './workplace.ts';

type Build = (place: Workplace, run: Run & { readonly source: string }, target: AnyTask) => Promise<Network>;

/**
 * The network in which a run trains its target, by method: the baselines and the progressive network of Rusu et al. 2016
 * ("Progressive Neural Networks", section 4, figure 3). All of one seed; what has the same name begins with the same weights.
 */
const BUILD: Readonly<Record<Method, Build>> = {
  /** A fresh column with the target alone. */
  scratch: (place, { seed }, target) => freshNetwork(place, [target], seed),
  /** The target as one more task on the source's own trunk, of which nothing is trained but what the target brings. */
  head: async (place, run, target) => {
    const network = await besideSource(place, run, target);
    const own = network.body.task(target.name);
    const others = network.body.tasks.filter((task) => task !== own);
    const parts = ['column-0', ...others.flatMap(({ stem, part }) => [stem.part, part])];
    network.body.close(...parts);
    return network;
  },
  /** The same network, all of it trained on the target alone. */
  'fine-tune': (place, run, target) => besideSource(place, run, target),
  /** The target as a new column beside one that was never trained. */
  random: async (place, { source, seed }, target) =>
    withColumn(await freshNetwork(place, sourceTasks(place, source), seed), target),
  /** The target as a new column beside the trained ones. */
  progressive: async (place, { source, seed }, target) => withColumn(await loadSource(place, source, seed), target),
};

export const buildMethod = (place: Workplace, run: Run, target: AnyTask): Promise<Network> =>
  BUILD[run.method](place, run as Run & { readonly source: string }, target);

async function withColumn(network: Network, target: AnyTask): Promise<Network> {
  try {
    await network.addColumn({ tasks: [target] });
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** The source's network with the target as one more task: through the source's stem where one fits it, else its own. */
async function besideSource(
  place: Workplace,
  { source, seed }: Run & { readonly source: string },
  target: AnyTask,
): Promise<Network> {
  const tasks = sourceTasks(place, source);
  const fitting = await fittingTask(place, source, target);
  const through = fitting === undefined ? target : { ...target, stem: fitting.stem };
  const network = await freshNetwork(place, [...tasks, through], seed);
  try {
    await copyWeights(await loadSource(place, source, seed), network);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Gives the variables of the same names the trained values, and disposes the network that they are from. */
async function copyWeights(from: Network, to: Network): Promise<void> {
  try {
    const variables = new Map(to.body.store.all().map(({ name, variable }) => [name, variable]));
    for (const { name, variable } of from.body.store.all()) {
      assignStored(variables.get(name)!, await readVariable(variable), name, 'the source');
    }
  } finally {
    from.dispose();
  }
}

/** The task of the source whose stem alone has the target's modality and input shape: the rule of lateral ways too. */
async function fittingTask(place: Workplace, source: string, target: AnyTask): Promise<AnyTask | undefined> {
  const key = JSON.stringify([source, target.name]);
  if (!place.fitting.has(key)) {
    const network = await freshNetwork(place, [...sourceTasks(place, source), target], 0);
    const { stem: own } = network.body.task(target.name).stem;
    const others = new Map(
      network.body.tasks
        .slice(0, -1)
        .map(({ stem, task }) => [stem, task] as const)
        .reverse(),
    );
    const alike = [...others].filter(
      ([{ stem }]) => stem.modality === own.modality && String(stem.inputShape) === String(own.inputShape),
    );
    place.fitting.set(key, alike.length === 1 ? alike[0]![1] : undefined);
    network.dispose();
  }
  return place.fitting.get(key);
}

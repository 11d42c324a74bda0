import type { Method } from '../../experiment/schema.ts';
import type { Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { copyInto, copyPart, sameVariables } from './copy.ts';
import type { Run } from './plan.ts';
import { freshNetwork, loadSource, sourceTasks } from './source.ts';
import type { Fitting, TransferStudy } from './transfer-study.ts';

/** A network in which a target is to be trained. */
export interface Built {
  readonly network: Network;
  /** What there is to do once that is done, before the source's tasks are measured. */
  readonly settle?: () => Promise<void>;
}

type SourceRun = Run & { readonly source: string };
type Build = (place: TransferStudy, run: SourceRun, target: AnyTask) => Promise<Built>;

/**
 * The network in which a run trains its target, by method: the baselines and the progressive network of Rusu et al. 2016
 * ("Progressive Neural Networks", section 4, figure 3). All of one seed; what has the same name begins with the same weights.
 */
const BUILD: Readonly<Record<Method, Build>> = {
  /** A fresh column with the target alone. */
  scratch: async (place, { seed }, target) => ({ network: await freshNetwork(place, [target], seed) }),
  /**
   * The target as one more task on the source's own trunk, through the source's stem where one fits it. Nothing is trained but
   * what the target brings: its head, and its stem where none fits.
   */
  head: async (place, run, target) => {
    const fitting = (await fittingStem(place, run.source, target))?.task;
    const network = await besideSource(place, run, through(target, fitting));
    const own = network.body.task(target.name);
    const others = network.body.tasks.filter((task) => task !== own);
    network.body.freeze('column-0', ...others.flatMap(({ stem, scope }) => [stem.scope, scope]));
    return { network };
  },
  /**
   * All of the source's network, trained on the target alone. Where a stem of the source fits, its weights go on in the
   * target's own stem if that has the same ones (so that normalisation and augmentation are the target's own) and are given
   * back before the source's tasks are measured; else that stem is shared.
   */
  'fine-tune': async (place, run, target) => {
    const fitting = await fittingStem(place, run.source, target);
    if (!fitting?.alike) return { network: await besideSource(place, run, through(target, fitting?.task)) };
    const network = await besideSource(place, run, target);
    const [theirs, own] = [fitting.task.name, target.name].map((name) => network.body.task(name).stem.scope);
    await copyPart(network, theirs!, own!);
    return { network, settle: () => copyPart(network, own!, theirs!) };
  },
  /** The target as a new column beside one that was never trained. */
  random: async (place, { source, seed }, target) =>
    withColumn(await freshNetwork(place, sourceTasks(place, source), seed), target),
  /** The target as a new column beside the trained ones. */
  progressive: async (place, { source, seed }, target) => withColumn(await loadSource(place, source, seed), target),
};

export const buildMethod = (place: TransferStudy, run: Run, target: AnyTask): Promise<Built> =>
  BUILD[run.method](place, run as SourceRun, target);

async function withColumn(network: Network, target: AnyTask): Promise<Built> {
  try {
    await network.addColumn({ tasks: [target] });
    return { network };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Tasks that name one stem share it. */
const through = (target: AnyTask, fitting: AnyTask | undefined): AnyTask =>
  fitting === undefined ? target : { ...target, stem: fitting.stem };

/** The source's network with the target as one more task. */
async function besideSource(place: TransferStudy, { source, seed }: SourceRun, target: AnyTask): Promise<Network> {
  const network = await freshNetwork(place, [...sourceTasks(place, source), target], seed);
  try {
    const trained = await loadSource(place, source, seed);
    await copyInto(network, trained).finally(() => trained.dispose());
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/**
 * The task of the source whose stem alone has the target's modality and input shape, which is the rule of lateral ways too;
 * `alike`: whether the target's own stem has the same variables.
 */
async function fittingStem(place: TransferStudy, source: string, target: AnyTask): Promise<Fitting | undefined> {
  const key = JSON.stringify([source, target.name]);
  if (!place.fitting.has(key)) {
    const network = await freshNetwork(place, [...sourceTasks(place, source), target], 0);
    const { stem: own } = network.body.task(target.name);
    const first = new Map(network.body.tasks.map(({ stem, definition }) => [stem, definition] as const).reverse());
    const fitting = [...first].filter(
      ([{ implementation, scope }]) =>
        scope !== own.scope &&
        implementation.modality === own.implementation.modality &&
        String(implementation.inputShape) === String(own.implementation.inputShape),
    );
    const [one, another] = fitting;
    const found = one === undefined || another !== undefined ? undefined : one;
    place.fitting.set(key, found && { task: found[1], alike: sameVariables(network, found[0].scope, own.scope) });
    network.dispose();
  }
  return place.fitting.get(key);
}

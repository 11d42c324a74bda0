import type { Method } from '../../experiment/schema.ts';
import { type BuiltTask, internals, type Network, scopesOf } from '../../network/index.ts';
import { columnScope } from '../../scope.ts';
import type { AnyTask } from '../../task/index.ts';
import type { FittingTask, TransferContext } from './context.ts';
import { copyInto, copyScope, sameVariables } from './copy.ts';
import type { Training } from './plan.ts';
import { freshNetwork, loadSource, sourceTasks } from './source.ts';

/** A network in which a target is to be trained. */
export interface TargetNetwork {
  readonly network: Network;
  /** What there is to do once the target is trained, before the source's tasks are measured. */
  readonly settle?: () => Promise<void>;
}

type SourceTraining = Training & { readonly source: string };
type Build = (context: TransferContext, run: SourceTraining, target: AnyTask) => Promise<TargetNetwork>;

/**
 * The network in which a run trains its target, by method: the baselines and the progressive network of Rusu et al. 2016
 * ("Progressive Neural Networks", section 4, figure 3). All of one seed; what has the same name begins with the same weights.
 */
const BUILD: Readonly<Record<Method, Build>> = {
  /** A fresh column with the target alone. */
  scratch: async (context, { seed }, target) => ({ network: await freshNetwork(context, [target], seed) }),
  /**
   * The target as one more task on the source's own trunk, through the source's stem where one fits it. Nothing is trained but
   * what the target brings: its head, and its stem where none fits.
   */
  head: async (context, run, target) => {
    const fitting = (await fittingStem(context, run.source, target))?.task;
    const network = await besideSource(context, run, through(target, fitting));
    const added = internals(network).body.task(target.name);
    const others = internals(network).body.tasks.filter((task) => task !== added);
    internals(network).body.freeze(
      columnScope(0),
      ...others.flatMap(({ input, scope }) => [...scopesOf(input), scope]),
    );
    return { network };
  },
  /**
   * All of the source's network, trained on the target alone. Where a stem of the source fits, its weights go on in the
   * target's own stem if that has the same ones (so that normalisation and augmentation are the target's own) and are given
   * back before the source's tasks are measured; else that stem is shared.
   */
  'fine-tune': async (context, run, target) => {
    const fitting = await fittingStem(context, run.source, target);
    if (!fitting?.sameVariables) return { network: await besideSource(context, run, through(target, fitting?.task)) };
    const network = await besideSource(context, run, target);
    const [sourceStem, targetStem] = [fitting.task.name, target.name].map(
      (name) => internals(network).body.task(name).input.scope,
    );
    await copyScope(network, sourceStem!, targetStem!);
    return { network, settle: () => copyScope(network, targetStem!, sourceStem!) };
  },
  /** The target as a new column beside one that was never trained. */
  random: async (context, { source, seed }, target) =>
    withColumn(await freshNetwork(context, sourceTasks(context, source), seed), target),
  /** The target as a new column beside the trained ones. */
  progressive: async (context, { source, seed }, target) => withColumn(await loadSource(context, source, seed), target),
};

/** Builds the network in which a run trains its target. */
export const buildMethod = (context: TransferContext, run: Training, target: AnyTask): Promise<TargetNetwork> =>
  BUILD[run.method](context, run as SourceTraining, target);

async function withColumn(network: Network, target: AnyTask): Promise<TargetNetwork> {
  try {
    await network.addColumn({ tasks: [target] });
    return { network };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Leads a target through a source's stem: tasks that name one stem share it. */
const through = (target: AnyTask, fitting: AnyTask | undefined): AnyTask =>
  fitting?.stem === undefined || target.stem === undefined ? target : { ...target, stem: fitting.stem };

/** Makes the source's network with the target as one more task. */
async function besideSource(
  context: TransferContext,
  { source, seed }: SourceTraining,
  target: AnyTask,
): Promise<Network> {
  const network = await freshNetwork(context, [...sourceTasks(context, source), target], seed);
  try {
    const trained = await loadSource(context, source, seed);
    await copyInto(network, trained).finally(() => trained.dispose());
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/**
 * Finds the task of the source whose stem alone has the target's modality and input shape, which is the rule of lateral routes too;
 * `sameVariables` says whether the target's own stem has the same variables. A target of several inputs brings its own stems.
 */
async function fittingStem(
  context: TransferContext,
  source: string,
  target: AnyTask,
): Promise<FittingTask | undefined> {
  const key = JSON.stringify([source, target.name]);
  if (!context.fitting.has(key)) {
    const network = await freshNetwork(context, [...sourceTasks(context, source), target], 0);
    const [targetStem] = onlyStem(internals(network).body.task(target.name));
    const first = new Map(
      internals(network)
        .body.tasks.flatMap((task) => onlyStem(task).map((stem) => [stem, task.definition] as const))
        .reverse(),
    );
    const fitting = [...first].filter(
      ([{ implementation, scope }]) =>
        targetStem !== undefined &&
        scope !== targetStem.scope &&
        implementation.modality === targetStem.implementation.modality &&
        String(implementation.inputShape) === String(targetStem.implementation.inputShape),
    );
    const only = fitting.length === 1 ? fitting[0] : undefined;
    context.fitting.set(
      key,
      only && { task: only[1], sameVariables: sameVariables(network, only[0].scope, targetStem!.scope) },
    );
    network.dispose();
  }
  return context.fitting.get(key);
}

/** Gives the stem of a task of one input, and none of a task of several. */
const onlyStem = ({ definition, input }: BuiltTask) =>
  definition.stems === undefined ? input.parts.map(({ stem }) => stem) : [];

import type { CurvePoint } from '../../analysis/index.ts';
import { portion } from '../../data/index.ts';
import { BanyanError } from '../../error.ts';
import { evaluate } from '../../evaluate/index.ts';
import { buildTargetTraining } from '../../experiment/build.ts';
import { internals, type Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { trainedVariables } from '../../train/index.ts';
import { type TransferContext, trainFully } from './context.ts';
import { buildMethod } from './methods.ts';
import type { Training } from './plan.ts';
import type { TransferRecord } from './records.ts';
import { ensureSource } from './source.ts';

/** Says whether a method begins from the trained source network. */
const fromSource = ({ method }: Training): boolean => method !== 'scratch' && method !== 'random';

/** Trains a target by a method and measures it. @throws the signal's reason when it is aborted. */
export async function performTraining(context: TransferContext, run: Training): Promise<TransferRecord> {
  const { plan, tasks, signal, session } = context;
  const task = tasks.get(run.target)!;
  const target: AnyTask = run.share === 1 ? task : { ...task, source: portion(task.source, run.share, run.seed) };
  const before = fromSource(run) ? await ensureSource(context, run.source!, run.seed) : undefined;
  const { network, settle } = await buildMethod(context, run, target);
  try {
    const metric = metricOf(network, context, target.name);
    const { compile, evaluateExamples: examples } = { ...plan.data.training, ...plan.data };
    const only = { tasks: [target.name], signal, ...(compile === undefined ? {} : { compile }) };
    const first = await evaluate(network, {
      ...only,
      split: 'validation',
      ...(examples === undefined ? {} : { examples }),
    });
    const curve: CurvePoint[] = [{ step: 0, value: first[target.name]![metric]! }];
    let milliseconds = 0;
    await trainFully(
      context,
      network,
      buildTargetTraining(plan.data, target.name, run.seed, session.found.container),
      (event) => {
        if (event.kind === 'step') milliseconds += event.milliseconds;
        if (event.kind === 'evaluation') curve.push({ step: event.step, value: event.metrics[target.name]![metric]! });
      },
    );
    const test = (await evaluate(network, only))[target.name]![metric]!;
    signal.throwIfAborted();
    const parameters = trainedVariables(internals(network).body, [internals(network).body.task(target.name)]).reduce(
      (sum, { tensor }) => sum + tensor.size,
      0,
    );
    await settle?.();
    const old =
      before === undefined
        ? {}
        : { old: { before, after: await evaluate(network, { tasks: plan.sources.get(run.source!)!, signal }) } };
    signal.throwIfAborted();
    return { ...run, metric, curve, test, ...old, parameters, seconds: Number((milliseconds / 1000).toFixed(2)) };
  } finally {
    network.dispose();
  }
}

/** Names the target's first metric, of which more must be better. */
function metricOf(network: Network, { session }: TransferContext, target: string): string {
  const [metric] = internals(network).body.task(target).head.metrics;
  if (metric !== undefined && metric.higherIsBetter !== false) return metric.name;
  const received = metric === undefined ? 'none' : `"${metric.name}", of which less is better`;
  throw new BanyanError(
    'experiment',
    `${session.loaded.place(['transfer', 'targets'])}: the first metric of target "${target}" must be one of which more is better, received ${received}. Give its head such a metric, or leave the target out.`,
  );
}

import type { CurvePoint } from '../../analysis/index.ts';
import { portion } from '../../data/index.ts';
import { BanyanError } from '../../error.ts';
import { evaluate } from '../../evaluate/index.ts';
import { buildTargetTraining } from '../../experiment/build.ts';
import type { Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { type Metrics, trainedVariables } from '../../train/index.ts';
import { buildMethod } from './methods.ts';
import type { Run } from './plan.ts';
import { ensureSource } from './source.ts';
import { type TransferStudy, trainFully } from './transfer-study.ts';

/** A finished run. */
export interface RunRecord extends Run {
  /** The target's first metric: what curve and test hold. */
  readonly metric: string;
  /** On the validation split. */
  readonly curve: readonly CurvePoint[];
  /** On the test split where there is one, else validation. */
  readonly test: number;
  /** Of the source's tasks before and after the target was trained, on held-out examples, where there was a source network. */
  readonly old?: { readonly before: Metrics; readonly after: Metrics };
  /** Numbers trained. */
  readonly parameters: number;
  /** Of training, evaluation aside. */
  readonly seconds: number;
}

/** Methods that begin from the trained source network. */
const grown = ({ method }: Run): boolean => method !== 'scratch' && method !== 'random';

/** Trains a target by a method and measures it. @throws Interrupted. */
export async function performRun(place: TransferStudy, run: Run): Promise<RunRecord> {
  const { plan, tasks, signal, session } = place;
  const given = tasks.get(run.target)!;
  const target: AnyTask = run.share === 1 ? given : { ...given, source: portion(given.source, run.share, run.seed) };
  const before = grown(run) ? await ensureSource(place, run.source!, run.seed) : undefined;
  const { network, settle } = await buildMethod(place, run, target);
  try {
    const metric = metricOf(network, place, target.name);
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
      place,
      network,
      buildTargetTraining(plan.data, target.name, run.seed, session.found.container),
      (event) => {
        if (event.kind === 'step') milliseconds += event.milliseconds;
        if (event.kind === 'evaluation') curve.push({ step: event.step, value: event.metrics[target.name]![metric]! });
      },
    );
    const test = (await evaluate(network, only))[target.name]![metric]!;
    signal.throwIfAborted();
    const parameters = trainedVariables(network.body, [network.body.task(target.name)]).reduce(
      (sum, { variable }) => sum + variable.size,
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

/** The target's first metric, of which more must be better. */
function metricOf(network: Network, { session }: TransferStudy, target: string): string {
  const [metric] = network.body.task(target).head.metrics;
  if (metric !== undefined && metric.higherIsBetter !== false) return metric.name;
  const received = metric === undefined ? 'none' : `"${metric.name}", of which less is better`;
  throw new BanyanError(
    'experiment',
    `${session.loaded.place(['transfer', 'targets'])}: the first metric of target "${target}" must be one of which more is better, received ${received}. Give its head such a metric, or leave the target out.`,
  );
}

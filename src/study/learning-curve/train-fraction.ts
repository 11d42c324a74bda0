import { lastValueFrom } from 'rxjs';
import { z } from 'zod';
import { portion } from '../../data/index.ts';
import { BanyanError } from '../../error.ts';
import { evaluate } from '../../evaluate/index.ts';
import { buildTrainOptions, forTasks } from '../../experiment/build.ts';
import type { CheckedExperiment } from '../../experiment/load.ts';
import { internals, measuredSplit } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { train, trainedVariables } from '../../train/index.ts';
import { count, figure, record, word } from '../records/schemas.ts';
import { buildNetwork, type Session } from '../run/session.ts';
import type { CurveRun, CurveWay } from './plan.ts';

/** What a training on a part of the examples reached. */
export interface CurvePoint {
  /** The number of training examples. */
  readonly examples: number;
  /** The first metric of the task's head, on the test split where there is one, else on the validation split. */
  readonly metric: string;
  readonly value: number;
  readonly higherIsBetter: boolean;
  /** The number of examples that it was measured on. */
  readonly heldOut: number;
  /** The number of weights that the task trains. */
  readonly parameters: number;
}

export const pointSchema: z.ZodType<CurvePoint> = record({
  examples: count,
  metric: word,
  value: figure,
  higherIsBetter: z.boolean('true or false'),
  heldOut: count,
  parameters: count,
});

/** Trains on a part of a task's examples, and measures the task. @throws the signal's reason when it is aborted. */
export async function trainFraction(
  session: Session,
  name: string,
  { way, fraction, seed }: CurveRun,
  signal: AbortSignal,
): Promise<CurvePoint> {
  const part = (task: AnyTask): AnyTask =>
    task.name !== name || fraction === 1 ? task : { ...task, source: portion(task.source, fraction, seed) };
  const tasks = session.tasks.filter((task) => way === 'together' || task.name === name).map(part);
  const experiment = experimentFor(session.loaded.experiment, name, way, seed);
  const loaded = { ...session.loaded, experiment };
  const network = await buildNetwork({ ...session, loaded }, tasks);
  try {
    const { checkpoint: _, ...options } = buildTrainOptions(experiment, '', session.found.container);
    await lastValueFrom(train(network, { ...options, signal }));
    signal.throwIfAborted();
    const built = internals(network).body.task(name);
    const [metric] = built.head.metrics;
    if (metric === undefined) {
      throw new BanyanError(
        'experiment',
        `learning-curve: task "${name}" has no metric, expected one to draw. Give its head a metric.`,
      );
    }
    const measured = await evaluate(network, { tasks: [name], signal });
    const { source } = built.definition;
    return {
      examples: source.counts.training,
      metric: metric.name,
      value: measured[name]![metric.name]!,
      higherIsBetter: metric.higherIsBetter !== false,
      heldOut: source.counts[measuredSplit(source)],
      parameters: trainedVariables(internals(network).body, [built]).reduce((sum, { tensor }) => sum + tensor.size, 0),
    };
  } finally {
    network.dispose();
  }
}

/** A task alone is trained without what balances or shares it with others. */
function experimentFor(experiment: CheckedExperiment, task: string, way: CurveWay, seed: number): CheckedExperiment {
  const { training, trunk, tasks, ...rest } = experiment;
  const { seed: _, ...seeded } = training;
  if (way === 'together') return { ...experiment, seed, training: seeded };
  const { balance: __, ...alone } = forTasks(seeded, [task]);
  const { sharing: ___, ...hard } = trunk as { readonly sharing?: unknown };
  return {
    ...rest,
    seed,
    trunk: hard as typeof trunk,
    tasks: { [task]: tasks[task]! },
    training: alone as typeof training,
  };
}

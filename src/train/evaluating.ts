import { type Internals, measure } from '../network/index.ts';
import type { Metrics, TrainingEvent } from './events.ts';
import type { TrainOptions } from './options.ts';
import type { Preparation } from './prepare.ts';

/** Of which training. */
interface Training {
  readonly network: Internals;
  readonly options: TrainOptions;
  readonly prepared: Preparation;
  /** Aborted when the training is to end early. */
  readonly signal: AbortSignal;
}

/**
 * Measures the tasks on their validation splits after a step, and lets all hear of it that follow it: schedule, sampler, early stopping.
 * Returns the metrics of the weights to use, and what to tell.
 */
export async function measureTraining(
  { network, options, prepared, signal }: Training,
  step: number,
): Promise<{ readonly metrics: Metrics; readonly events: readonly TrainingEvent[] }> {
  const { evaluateExamples: examples, compile, sourceTimeout } = options;
  const begin = performance.now();
  const { averaging, stopping, follower, draws, batches, state, names, team } = prepared;
  const measureTasks = (tasks: readonly string[]): Promise<Metrics> =>
    measure(network.body, { tasks, split: 'validation', examples, compile, signal, sourceTimeout, team });
  const { measured, outcome } = await batches.pause(async () => {
    const measured = await averaging.measure(step, () => measureTasks(names));
    const metrics = averaging.toUse(measured);
    const observe = async () => stopping?.observe({ step, metrics }, measureTasks);
    return { measured, outcome: await averaging.use(step, observe) };
  }, state.reading);
  follower?.observe(measured.metrics);
  draws.observeEvaluation(measured.metrics);
  if (stopping !== undefined) draws.active = new Set(stopping.running);
  const distances = outcome?.distances;
  const event = {
    kind: 'evaluation',
    step,
    ...measured,
    ...(distances && { distances }),
    milliseconds: performance.now() - begin,
  } as const;
  return { metrics: averaging.toUse(measured), events: [event, ...(outcome?.events ?? [])] };
}

import { check, positive, wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { type AnyNetwork, assignStored, type Internals, internals, readVariable } from '../../network/index.ts';
import type { Schedule } from '../../optimise/index.ts';
import type { Sampler } from '../../sample/index.ts';
import { chosenTasks } from '../check-options.ts';
import type { TrainingEvent } from '../events.ts';
import type { StepOptions } from '../options.ts';
import { optimizerOf, setStateAside } from '../state/training-state.ts';
import { runTraining } from '../train.ts';
import { type RateCurve, RateRecorder } from './curve.ts';

/** What decides how a training learns at a learning rate, and over which rates it is tried. */
export interface FindRateOptions extends StepOptions {
  /** The first rate. Default 1e-7. */
  readonly from?: number;
  /** The last rate, greater than the first. Default 10. */
  readonly to?: number;
  /** The number of updates, a whole number >= 2. Default 100. */
  readonly steps?: number;
}

/**
 * Finds out at which learning rate a network learns (the range test of Smith 2017, "Cyclical Learning Rates", section 3.3): trains
 * it with a rate that rises exponentially, until the loss is 4 times its best. Losses are smoothed as fast.ai does. It
 * proposes the rate around which the loss fell fastest, or a tenth of the one with the lowest loss where that is less. The optimiser begins anew. Afterwards the network's weights and what it knows of its training
 * are as before, to the bit. A sampler that follows evaluations draws as before the first of them, since none is made.
 * @throws BanyanError as `train`; `argument` for rates that do not rise. The signal's reason once it is aborted.
 */
export async function findRate(network: AnyNetwork, options: FindRateOptions): Promise<RateCurve> {
  const { from = 1e-7, to = 10, steps = 100, sampler, ...rest } = options;
  const training = { ...rest, ...(sampler && { sampler: unevaluated(sampler) }) };
  check('findRate', { from, to }, positive);
  check('findRate', { steps }, wholeNumber(2));
  if (from >= to)
    throw new BanyanError('argument', `findRate: to must be greater than from, ${from}, received ${to}. Raise it.`);
  const { lease } = internals(network);
  const use = lease.exclusive('tested');
  try {
    await use.before;
    const { body } = internals(network);
    const tasks = chosenTasks(body, training);
    const recorder = new RateRecorder(
      Object.fromEntries(tasks.map(({ name, definition }) => [name, definition.weight])),
      steps,
    );
    const optimizer = optimizerOf(body, training.optimizer);
    check('findRate: optimizer', { learningRate: optimizer.learningRate }, positive);
    const rateAt = (step: number) => from * (to / from) ** (step / (steps - 1));
    const schedule: Schedule = {
      kind: 'range-test',
      config: 'range-test',
      factor: (step) => rateAt(step) / optimizer.learningRate,
    };
    const emit = (event: TrainingEvent) => {
      if (event.kind === 'step') recorder.add(rateAt(event.step - 1), event.losses);
    };
    const stop = () => recorder.risen;
    const diverged = await asItWas(internals(network), async () => {
      try {
        await runTraining(internals(network), { ...training, optimizer, schedule, steps, stop }, undefined, emit, use);
        return false;
      } catch (error) {
        if (error instanceof BanyanError && error.code === 'diverged') return true;
        throw error;
      }
    });
    for (const signal of [use.signal, training.signal]) signal?.throwIfAborted();
    return recorder.curve(diverged);
  } finally {
    use.end();
  }
}

/** Gives a sampler that asks for no evaluations. */
const unevaluated = (sampler: Sampler): Sampler =>
  sampler.followsEvaluations === true
    ? {
        kind: sampler.kind,
        config: sampler.config,
        measuresAgain: sampler.measuresAgain === true,
        begin: (training) => sampler.begin(training),
      }
    : sampler;

/** Does something with a network that changes it, and puts weights and training state back. */
async function asItWas<T>({ body }: Internals, work: () => Promise<T>): Promise<T> {
  const { runner, store } = body;
  const variables = store.all();
  const before = await runner.exclusive(() => Promise.all(variables.map(({ tensor }) => readVariable(tensor))));
  const putBack = setStateAside(body);
  try {
    return await work();
  } finally {
    putBack();
    await runner.exclusive(async () => {
      for (const [i, { name, tensor }] of variables.entries()) assignStored(tensor, before[i], name, 'the network');
    });
  }
}

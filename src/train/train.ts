import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Observable } from 'rxjs';
import { BanyanError } from '../error.ts';
import { evaluate } from '../evaluate/index.ts';
import type { Network } from '../network/index.ts';
import { disposeAccumulators } from './accumulators.ts';
import { Ahead } from './ahead.ts';
import { disposeBalancing, disposeWatching, isWatched } from './balancing/index.ts';
import { writeCheckpoint } from './checkpoints.ts';
import type { TrainingEvent } from './events.ts';
import type { TrainOptions } from './options.ts';
import { prepareTraining } from './prepare.ts';
import { prepareUpdate, profileUpdate, update } from './update.ts';

/** By then caches are warm. */
const PROFILED = 10;

/**
 * Trains a network jointly on its tasks. Cold: subscribing starts it, once; unsubscribing ends it after the running step.
 * A later `train` goes on with the optimiser's state unless `optimizer` is given. To watch it from several places, share
 * the Observable.
 * @throws (through the Observable) BanyanError `busy` for a second subscription or a second training of the network,
 * `argument` for impossible options, `data` and `shape` for examples that do not fit, `diverged`, `leak`.
 */
export function train(network: Network<never> | Network, options: TrainOptions): Observable<TrainingEvent> {
  return observe(network as Network, (emit, signal) => run(network as Network, options, undefined, emit, signal));
}

/**
 * Goes on with an interrupted training from the newest whole checkpoint in `folder`: the network, its tasks and the options
 * must be those it was started with. It ends with the same bits as an uninterrupted training.
 * @throws (through the Observable) as `train`, and BanyanError `checkpoint`.
 */
export function resume(
  network: Network<never> | Network,
  folder: string,
  options: TrainOptions,
): Observable<TrainingEvent> {
  return observe(network as Network, (emit, signal) => run(network as Network, options, folder, emit, signal));
}

function observe(
  network: Network,
  start: (emit: (event: TrainingEvent) => void, signal: AbortSignal) => Promise<void>,
): Observable<TrainingEvent> {
  let used = false;
  return new Observable((subscriber) => {
    let release: () => void;
    try {
      if (used) {
        throw new BanyanError(
          'busy',
          'This training was started before, expected one subscription. Share the Observable.',
        );
      }
      release = network.claim('trained');
    } catch (error) {
      subscriber.error(error);
      return;
    }
    used = true;
    const control = new AbortController();
    start((event) => subscriber.next(event), control.signal)
      .finally(release)
      .then(
        () => subscriber.complete(),
        (error) => subscriber.error(error),
      );
    return () => control.abort();
  });
}

async function run(
  network: Network,
  options: TrainOptions,
  from: string | undefined,
  emit: (event: TrainingEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const prepared = await prepareTraining(network, options, from);
  const { plan, state, schedule, steps, names, batches } = prepared;
  const { evaluateEvery, evaluateExamples, checkpoint, compile } = options;
  let { step, last } = prepared;
  const first = step;
  let stopped = false;
  const tell = (event: TrainingEvent) => {
    emit(event);
    if (options.stop?.(event)) stopped = true;
  };
  const rateOf = (step: number) => state.optimizer.learningRate * schedule.factor(step, steps);
  // The optimiser's updates go on from an earlier training.
  const earlier = state.updates - step;
  const ahead = new Ahead((number) => {
    const batch = batches.upcoming;
    const rate = batch === undefined || number > steps ? Number.NaN : rateOf(number - 1);
    return Number.isFinite(rate) ? prepareUpdate(plan, state, batch!, rate, earlier + number) : undefined;
  });
  const over = () => stopped || signal.aborted || network.disposed;
  const save = async () => {
    if (checkpoint === undefined || network.disposed) return;
    const { runner } = network.body;
    const record = { step, settings: { ...prepared.settings, compile: runner.modeOf(plan.compile, 'train') } };
    last = await runner.exclusive(() => writeCheckpoint(checkpoint.folder, network, state, record));
    tell({ kind: 'checkpoint', step, path: last });
  };

  try {
    tell({ kind: 'start', step, steps, tasks: names });
    let begin = performance.now();
    while (step < steps && !over()) {
      let batch = await batches.next();
      if (over()) break;
      const taken = batch;
      const more = async () => {
        batch = await batches.next();
        return batch;
      };
      const learningRate = rateOf(step);
      checkRate(learningRate, schedule.kind, step);
      const watched = isWatched(plan.watching, step + 1);
      const prepared = ahead.take(step + 1);
      const updating = update(plan, state, taken, learningRate, more, watched, prepared);
      ahead.begin(step + 2);
      const result = await updating
        .finally(() => prepared?.dispose()) // It may have failed before.
        .catch((error: unknown) => {
          throw error instanceof BanyanError && error.code === 'diverged' ? withCheckpoint(error, last) : error;
        });
      step++;
      state.reading = batch.after;
      tell({ kind: 'step', step, steps, ...result, learningRate, milliseconds: performance.now() - begin });
      begin = performance.now();
      if (options.profile !== undefined && step === Math.min(first + PROFILED, steps) && !over()) {
        // It is a by-product: the training does not end over it.
        await profileUpdate(plan, state, batch, learningRate)
          .then((trace) => writeFile(options.profile!, trace))
          .catch((error: Error) => process.emitWarning(`No profile: ${error.message}`, 'BanyanWarning'));
        begin = performance.now();
      }
      if (evaluateEvery !== undefined && step % evaluateEvery === 0 && !signal.aborted && !network.disposed) {
        const metrics = await batches.aside(() =>
          evaluate(network, { tasks: names, split: 'validation', examples: evaluateExamples, compile }),
        );
        tell({ kind: 'evaluation', step, metrics, milliseconds: performance.now() - begin });
        begin = performance.now();
      }
      if (checkpoint !== undefined && step % checkpoint.every === 0) {
        await save();
        begin = performance.now();
      }
      if (network.asides.waiting) {
        await batches.aside(() => network.asides.turn());
        begin = performance.now();
      }
      // Whoever else lives in this process gets a turn.
      await setImmediate();
    }
  } finally {
    ahead.close();
    await batches.close();
    disposeAccumulators(plan.accumulators);
    disposeBalancing(plan.balancing);
    disposeWatching(plan.watching);
  }
  if (step > first && !network.disposed) await network.frozen.verify();
  if (step > first && !(checkpoint !== undefined && step % checkpoint.every === 0)) await save();
  tell({ kind: 'end', step, reason: step === steps ? 'steps' : 'stopped' });
}

function checkRate(learningRate: number, schedule: string, step: number): void {
  if (Number.isFinite(learningRate)) return;
  throw new BanyanError(
    'argument',
    `The schedule "${schedule}" makes the learning rate of step ${step + 1} ${learningRate}, expected a finite number. Correct its factor().`,
  );
}

function withCheckpoint(error: BanyanError, last: string | undefined): BanyanError {
  const where = last === undefined ? 'No checkpoint was written.' : `The last checkpoint is ${last}.`;
  return new BanyanError(error.code, `${error.message} ${where}`, { cause: error });
}

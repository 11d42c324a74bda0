import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Observable } from 'rxjs';
import { BanyanError } from '../error.ts';
import { type Claim, measure, type Network, reserveSources, untilAborted } from '../network/index.ts';
import { disposeAccumulators } from './accumulators.ts';
import { Ahead } from './ahead.ts';
import { disposeBalancing, disposeWatching, isWatched } from './balancing/index.ts';
import type { TrainingBatches } from './batches.ts';
import { writeCheckpoint } from './checkpoints.ts';
import type { TrainingEvent } from './events.ts';
import { chosenTasks, type TrainOptions } from './options.ts';
import { type Preparation, prepareTraining } from './prepare.ts';
import { probeFirst } from './probe.ts';
import { prepareUpdate, profileUpdate, update } from './update.ts';

/** By then caches are warm. */
const PROFILED = 10;

/**
 * Trains a network jointly on its tasks. Cold: subscribing starts it, once; unsubscribing ends it after the running step, or
 * between two batches of an evaluation, with a last checkpoint. `network.idle()` waits for that; whatever else is begun on the
 * network waits by itself. A later `train` goes on with the optimiser's state unless `optimizer` is given. To watch it from several
 * places, share the Observable.
 * @throws (through the Observable) BanyanError `busy` for a second subscription (after a failure, what failed), a second training of
 * the network, or of a source that keeps a state; `argument` for impossible options, `data` and `shape` for examples that do not
 * fit, `diverged`, `leak`.
 */
export function train(network: Network<never> | Network, options: TrainOptions): Observable<TrainingEvent> {
  return observe(network as Network, (emit, claim) => run(network as Network, options, undefined, emit, claim));
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
  return observe(network as Network, (emit, claim) => run(network as Network, options, folder, emit, claim));
}

function observe(
  network: Network,
  start: (emit: (event: TrainingEvent) => void, claim: Claim) => Promise<void>,
): Observable<TrainingEvent> {
  let used = false;
  let failure: { readonly error: unknown } | undefined;
  return new Observable((subscriber) => {
    if (failure !== undefined) {
      const { error } = failure;
      // Later: `retry()` without a count would hold the process for ever.
      const telling = setTimeout(() => subscriber.error(error));
      return () => clearTimeout(telling);
    }
    let claim: Claim;
    try {
      if (used) {
        throw new BanyanError(
          'busy',
          'This training was started before, expected one subscription. Share the Observable.',
        );
      }
      claim = network.claim('trained');
    } catch (error) {
      subscriber.error(error);
      return;
    }
    used = true;
    const work = async () => {
      await claim.before;
      if (!claim.left) await start((event) => subscriber.next(event), claim);
    };
    work().then(
      () => {
        claim.end();
        subscriber.complete();
      },
      (error: unknown) => {
        failure = { error };
        // Left before it began, while it waited for a source.
        if (claim.left && error !== claim.signal.reason) network.lose(error);
        claim.end();
        subscriber.error(error);
      },
    );
    return () => claim.leave();
  });
}

async function run(
  network: Network,
  options: TrainOptions,
  from: string | undefined,
  emit: (event: TrainingEvent) => void,
  claim: Claim,
): Promise<void> {
  network.assertAlive();
  const release = await reserveSources(network, chosenTasks(network, options), claim);
  let batches: TrainingBatches | undefined;
  try {
    const prepared = await prepareTraining(network, options, from, claim.signal);
    batches = prepared.batches;
    await runPrepared(network, options, prepared, emit, claim);
  } finally {
    // One that hangs would go on from another's state.
    if (batches === undefined || batches.settled) release();
    else void batches.whenSettled().then(release);
  }
}

async function runPrepared(
  network: Network,
  options: TrainOptions,
  prepared: Preparation,
  emit: (event: TrainingEvent) => void,
  claim: Claim,
): Promise<void> {
  const { plan, state, schedule, steps, names, batches } = prepared;
  const { evaluateEvery, evaluateExamples, checkpoint, compile } = options;
  const signal = options.signal === undefined ? claim.signal : AbortSignal.any([claim.signal, options.signal]);
  let { step, last, unevaluated } = prepared;
  const first = step;
  let kept = step;
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
  const over = () => stopped || signal.aborted;
  // A source that hangs keeps nobody.
  const next = () => untilAborted(batches.next(), signal);
  const save = async () => {
    // Who disposes of a network that is trained wants no more of it.
    if (checkpoint === undefined || (network.disposed && !claim.left)) return;
    const { runner } = network.body;
    const settings = { ...prepared.settings, compile: runner.modeOf(plan.compile, 'train') };
    const record = { step, settings, ...(unevaluated ? { unevaluated } : {}) };
    kept = step;
    last = await runner.exclusive(() => writeCheckpoint(checkpoint.folder, network, state, record));
    tell({ kind: 'checkpoint', step, path: last });
  };
  const measureAside = async () => {
    const begin = performance.now();
    const asked = { tasks: names, split: 'validation', examples: evaluateExamples, compile, signal } as const;
    const metrics = await batches.aside(() => measure(network, asked), signal);
    unevaluated = false;
    tell({ kind: 'evaluation', step, metrics, milliseconds: performance.now() - begin });
  };

  try {
    tell({ kind: 'start', step, steps, tasks: names });
    if (unevaluated && !over()) await measureAside();
    let begin = performance.now();
    while (step < steps && !over()) {
      let batch = await next();
      if (over()) break;
      if (step === first) await probeFirst(network, plan.passes, batch);
      const taken = batch;
      const more = async () => {
        batch = await next();
        return batch;
      };
      const learningRate = rateOf(step);
      checkRate(learningRate, schedule.kind, step);
      const watched = isWatched(plan.watching, step + 1);
      const ready = ahead.take(step + 1);
      const updating = update(plan, state, taken, learningRate, more, watched, ready);
      ahead.begin(step + 2);
      const result = await updating
        .finally(() => ready?.dispose()) // It may have failed before.
        .catch((error: unknown) => {
          throw error instanceof BanyanError && error.code === 'diverged' ? withCheckpoint(error, last) : error;
        });
      step++;
      state.reading = batch.after;
      unevaluated = evaluateEvery !== undefined && step % evaluateEvery === 0;
      tell({ kind: 'step', step, steps, ...result, learningRate, milliseconds: performance.now() - begin });
      begin = performance.now();
      if (options.profile !== undefined && step === Math.min(first + PROFILED, steps) && !over()) {
        // It is a by-product: the training does not end over it.
        await profileUpdate(plan, state, batch, learningRate)
          .then((trace) => writeFile(options.profile!, trace))
          .catch((error: Error) => process.emitWarning(`No profile: ${error.message}`, 'BanyanWarning'));
        begin = performance.now();
      }
      if (unevaluated && !signal.aborted) {
        await measureAside();
        begin = performance.now();
      }
      if (checkpoint !== undefined && step % checkpoint.every === 0) {
        await save();
        begin = performance.now();
      }
      if (network.asides.waiting) {
        await batches.aside(() => untilAborted(network.asides.turn(), signal), signal);
        begin = performance.now();
      }
      // Whoever else lives in this process gets a turn.
      await setImmediate();
    }
  } catch (error) {
    // What was waited for when it was to end.
    if (!(signal.aborted && error === signal.reason)) throw error;
  } finally {
    ahead.close();
    await batches.close();
    disposeAccumulators(plan.accumulators);
    disposeBalancing(plan.balancing);
    disposeWatching(plan.watching);
  }
  if (step > first && !(network.disposed && !claim.left)) await network.frozen.verify();
  if (step > kept) await save();
  tell({ kind: 'end', step, reason: step === steps && !unevaluated ? 'steps' : 'stopped' });
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

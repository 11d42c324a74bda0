import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { BanyanError } from '../error.ts';
import { fileError } from '../files/file-error.ts';
import { roomLeft } from '../files/space-left.ts';
import { type Claim, measure, type Network, untilAborted } from '../network/index.ts';
import { isHalfDone } from '../runtime/index.ts';
import { blaming } from '../task/blame.ts';
import { probeFirst } from './check.ts';
import type { TrainingEvent } from './events.ts';
import type { TrainOptions } from './options.ts';
import type { Preparation } from './prepare.ts';
import { Prefetcher } from './reading/prefetch.ts';
import { writeCheckpoint } from './state/checkpoints.ts';
import { Saving } from './state/saving.ts';
import { settleSnapshots, undoSnapshots } from './state/snapshots.ts';
import { disposeAccumulators } from './step/accumulators.ts';
import { disposeBalancing, disposeWatching, isWatched } from './update/index.ts';
import { prepareUpdate, profileUpdate, update } from './update/weighted.ts';

/** By then caches are warm. */
const PROFILED = 10;

/**
 * Trains from where the preparation stands to the end. However that comes, what the last whole update left is saved before.
 * `signal`: aborted when it is to end early.
 */
export async function perform(
  network: Network,
  options: TrainOptions,
  prepared: Preparation,
  emit: (event: TrainingEvent) => void,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { plan, state, schedule, steps, names, batches } = prepared;
  const { evaluateEvery, evaluateExamples, sourceTimeout, compile } = options;
  const saving = options.checkpoint && new Saving(options.checkpoint);
  let { step, last, unevaluated } = prepared;
  const first = step;
  let kept = step;
  let stopped = false;
  const tell = (event: TrainingEvent) => {
    emit(event);
    if (options.stop === undefined) return;
    const work = () => options.stop!(event);
    if (blaming(`train: stop() of the event "${event.kind}" of step ${step}`, 'true or false', work)) stopped = true;
  };
  const rateOf = (step: number) => state.optimizer.learningRate * schedule.factor(step, steps);
  // The optimiser's updates go on from an earlier training.
  const earlier = state.updates - step;
  const ahead = new Prefetcher((number) => {
    const batch = batches.upcoming;
    const rate = batch === undefined || number > steps ? Number.NaN : rateOf(number - 1);
    return Number.isFinite(rate) ? prepareUpdate(plan, state, batch!, rate, earlier + number) : undefined;
  });
  const over = () => stopped || signal.aborted;
  // Who disposes of a network that is trained wants no more of it.
  const unwanted = () => network.disposed && !claim.left;
  /** `ended`: no more updates follow. */
  const save = async (told: (event: TrainingEvent) => void, ended = false) => {
    if (saving === undefined || unwanted()) return;
    const { runner } = network.body;
    const settings = { ...prepared.settings, compile: runner.modeOf(plan.compile, 'train') };
    const record = { step, settings, ...(unevaluated ? { unevaluated } : {}) };
    const work = () => runner.exclusive(() => writeCheckpoint(saving.folder, network, state, record));
    const path = await saving.write(step, last, ended, work);
    if (path === undefined) return;
    kept = step;
    last = path;
    told({ kind: 'checkpoint', step, path });
  };
  const measureAside = async () => {
    const begin = performance.now();
    const asked = {
      tasks: names,
      split: 'validation',
      examples: evaluateExamples,
      compile,
      signal,
      sourceTimeout,
    } as const;
    const metrics = await batches.aside(() => measure(network, asked));
    unevaluated = false;
    tell({ kind: 'evaluation', step, metrics, milliseconds: performance.now() - begin });
  };
  const train = async () => {
    tell({ kind: 'start', step, steps, tasks: names });
    if (unevaluated && !over()) await measureAside();
    let begin = performance.now();
    while (step < steps && !over()) {
      let batch = await batches.next();
      if (over()) break;
      if (step === first) await probeFirst(network, plan.passes, batch);
      const taken = batch;
      const more = async () => {
        batch = await batches.next();
        return batch;
      };
      const learningRate = rateOf(step);
      checkRate(learningRate, schedule.kind, step);
      const watched = isWatched(plan.watching, step + 1);
      const ready = ahead.take(step + 1);
      const updating = update(plan, state, taken, learningRate, more, watched, ready);
      ahead.begin(step + 2);
      const result = await updating.finally(() => ready?.dispose()); // It may have failed before.
      step++;
      state.reading = batch.after;
      settleSnapshots(state.replaced);
      unevaluated = evaluateEvery !== undefined && step % evaluateEvery === 0;
      tell({ kind: 'step', step, steps, ...result, learningRate, milliseconds: performance.now() - begin });
      begin = performance.now();
      if (options.profile !== undefined && step === Math.min(first + PROFILED, steps) && !over()) {
        await profileUpdate(plan, state, batch, learningRate)
          .then((trace) => writeFile(options.profile!, trace))
          .catch((error: unknown) => warnOfProfile(options.profile!, error));
        begin = performance.now();
      }
      if (unevaluated && !signal.aborted) {
        await measureAside();
        begin = performance.now();
      }
      if (saving?.isDue(step)) {
        await save(tell);
        begin = performance.now();
      }
      if (network.asides.waiting) {
        await batches.aside(() => untilAborted(network.asides.turn(), signal));
        begin = performance.now();
      }
      // Whoever else lives in this process gets a turn.
      await setImmediate();
    }
  };

  let failure: { readonly error: unknown } | undefined;
  try {
    await train();
  } catch (error) {
    // What was waited for when it was to end is no failure.
    if (!(signal.aborted && error === signal.reason)) failure = { error };
  } finally {
    ahead.close();
    await batches.close(failure === undefined && !signal.aborted);
    disposeAccumulators(plan.accumulators);
    disposeBalancing(plan.balancing);
    disposeWatching(plan.watching);
  }
  undoSnapshots(state);
  const whole = state.whole && !isHalfDone(failure?.error);
  if (step > first && whole && !unwanted()) await network.frozen.verify();
  if (failure !== undefined) {
    if (step > kept && whole) await save(emit, true);
    throw saving === undefined && last === undefined ? failure.error : withCheckpoint(failure.error, last);
  }
  if (step > kept) await save(tell, true);
  tell({ kind: 'end', step, reason: step === steps && !unevaluated ? 'steps' : 'stopped' });
}

function checkRate(learningRate: number, schedule: string, step: number): void {
  if (Number.isFinite(learningRate)) return;
  throw new BanyanError(
    'argument',
    `The schedule "${schedule}" makes the learning rate of step ${step + 1} ${learningRate}, expected a finite number. Correct its factor().`,
  );
}

/** It is a by-product: the training does not end over it. */
function warnOfProfile(path: string, cause: unknown): void {
  const { message } = fileError('argument', path, 'written', cause) as Error;
  process.emitWarning(`No profile: ${message}${roomLeft(path)} The training goes on.`, 'BanyanWarning');
}

/** What ended a training, with where it can go on. */
function withCheckpoint(error: unknown, last: string | undefined): unknown {
  const where = last === undefined ? 'No checkpoint was written.' : `The last checkpoint is ${last}.`;
  if (error instanceof BanyanError) return new BanyanError(error.code, `${error.message} ${where}`, { cause: error });
  // It stays what it is, for whoever looks for its kind.
  if (error instanceof Error) error.message += ` ${where}`;
  return error;
}

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BanyanError } from '../../error.ts';
import type { SearchData } from '../../experiment/schema.ts';
import { isGone, thisWriter, writerOf } from '../lock/writer.ts';
import { makeFolder } from '../run/folder.ts';
import { runPaths } from '../run/paths.ts';
import type { Ending, RunControl } from '../study.ts';
import { experimentWith, outcomesOf, type SearchContext, type TrialOutcome } from './context.ts';
import { whenFree } from './locked.ts';
import type { StoredTrial, TrialEnding, TrialStore } from './optuna/store.ts';
import { searchPaths } from './paths.ts';
import { Pruning } from './pruning.ts';
import { distributionsOf, settingsOf } from './space.ts';
import { effortOf, trainValidated } from './train-validated.ts';

/** Milliseconds between two looks at what other workers do. */
const LOOK = 500;

/**
 * Waits until so many trials and one more have ended, in any worker, and returns what the last of these came to. Trials that are to be made
 * for that are made here.
 * @throws the signal's reason when it is aborted.
 */
export async function performTrial(
  context: SearchContext,
  place: number,
  control: RunControl,
): Promise<Ending<TrialOutcome>> {
  let told = false;
  for (;;) {
    const next = await whenFree(context.folder, control.signal, () => nextTrial(context, place));
    if ('ending' in next) return next.ending;
    if (next.trial !== undefined) {
      await train(context, next.trial, control.signal);
      continue;
    }
    if (!told) control.notice('Waiting for the trials of other workers.');
    told = true;
    await sleep(LOOK, undefined, { signal: control.signal }).catch(() => control.signal.throwIfAborted());
  }
}

type Next = { readonly ending: Ending<TrialOutcome> } | { readonly trial: StoredTrial | undefined };

/** Says what is to be done next; only under the lock of the folder, so that no two workers begin the same. */
async function nextTrial({ store, data }: SearchContext, place: number): Promise<Next> {
  const trials = await liveTrials(store);
  const ended = outcomesOf({ data }, trials);
  const outcome = ended[place];
  if (outcome !== undefined) return { ending: endingOf(outcome) };
  const running = trials.filter(({ state }) => state === 'RUNNING').length;
  const waits = trials.some(({ state }) => state === 'WAITING');
  if (!waits && ended.length + running >= data.trials) return { trial: undefined };
  return { trial: await takeTrial(store, data.space) };
}

/**
 * Lists all trials, once those wait again whose workers have gone. Of a worker on this machine that is known at once; the hearts of the
 * others are waited for.
 */
export async function liveTrials(store: TrialStore): Promise<readonly StoredTrial[]> {
  const trials = await store.trials();
  const orphans = trials.filter(({ state, notes }) => state === 'RUNNING' && isOrphan(notes.worker));
  for (const { number } of orphans) await store.release(number);
  return orphans.length > 0 ? store.trials() : trials;
}

/** Begins a trial as this process, or goes on with one that waits. */
export const takeTrial = (store: TrialStore, space: SearchData['space']): Promise<StoredTrial> =>
  store.ask(distributionsOf(space), JSON.stringify(thisWriter()));

function isOrphan(worker: string | undefined): boolean {
  const writer = writerOf(worker ?? '');
  return writer !== undefined && isGone(writer);
}

export const endingOf = (outcome: TrialOutcome): Ending<TrialOutcome> =>
  outcome.state === 'failed'
    ? { kind: 'failed', message: `trial ${outcome.number}: ${outcome.message}` }
    : { kind: 'done', outcome };

/** Trains a trial and tells its store how it ended. One that is interrupted goes back to the store, and waits there for a worker. */
async function train(context: SearchContext, trial: StoredTrial, signal: AbortSignal): Promise<void> {
  const { store, folder } = context;
  const run = searchPaths(folder).run(`trial-${trial.origin}`);
  try {
    await makeFolder(run);
    // A worker that has lost its trial to this one may still be at its last step.
    const ending = await whenFree(run, signal, () => trainToEnding(context, trial, run, signal));
    await store.tell(trial.number, ending);
  } catch (error) {
    if (signal.aborted && error === signal.reason) await store.release(trial.number);
    throw error;
  }
}

async function trainToEnding(
  context: SearchContext,
  trial: StoredTrial,
  run: string,
  signal: AbortSignal,
): Promise<TrialEnding> {
  const { loaded, data, objectives, alone } = context;
  const pruning = new Pruning(context, trial);
  const ended = (state: TrialEnding['state'], message?: string): TrialEnding => {
    const { steps: step, seconds } = effortOf(run);
    return { state, notes: { step, seconds, ...(message === undefined ? {} : { message }) } };
  };
  try {
    const experiment = experimentWith(loaded, `trial-${trial.origin}`, settingsOf(data.space, trial.params));
    const signals = AbortSignal.any([signal, pruning.signal]);
    const { metrics } = await trainValidated(run, experiment, signals, (event) => pruning.see(event));
    const values = objectives.valuesOf(metrics, alone);
    if (!(await pruning.decided())) return { ...ended('COMPLETE'), values };
  } catch (error) {
    signal.throwIfAborted();
    const pruned = await pruning.decided();
    if (!pruned && !(error instanceof BanyanError)) throw error;
    if (!pruned) return ended('FAIL', (error as BanyanError).message);
  }
  await rm(runPaths(run).checkpoints, { recursive: true, force: true });
  return ended('PRUNED');
}

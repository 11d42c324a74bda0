import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BanyanError } from '../../../error.ts';
import { RandomStream } from '../../../random/index.ts';
import { makeFolder } from '../../run/folder.ts';
import { runPaths } from '../../run/paths.ts';
import type { Ending, RunControl } from '../../study.ts';
import { whenFree } from '../locked.ts';
import type { Segment, StoredTrial, TrialEnding } from '../optuna/store.ts';
import { paramsOf, settingsOf } from '../space.ts';
import { effortOf } from '../train-validated.ts';
import { liveTrials, takeTrial } from '../trial.ts';
import { memberExperiment, type PopulationContext, type SegmentOutcome, segmentFolder, segmentsOf } from './context.ts';
import { parentsOf } from './exploit.ts';
import { drawSettings, perturb } from './explore.ts';
import { type PopulationRun, segmentName } from './plan.ts';
import { trainUntil } from './train-until.ts';

/** Milliseconds between two looks at what other workers do. */
const LOOK = 500;

/**
 * Waits until a segment has ended, in any worker, and returns what it came to. Segments that are to be trained for that are trained here.
 * @throws the signal's reason when it is aborted.
 */
export async function performSegment(
  context: PopulationContext,
  run: PopulationRun,
  { signal, notice }: RunControl,
): Promise<Ending<SegmentOutcome>> {
  let told = false;
  for (;;) {
    const next = await whenFree(context.folder, signal, () => nextSegment(context, run));
    if ('ending' in next) return next.ending;
    if (next.trial !== undefined) {
      await train(context, next.trial, signal);
      continue;
    }
    if (!told) notice('Waiting for the members that other workers train.');
    told = true;
    await sleep(LOOK, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

type Next = { readonly ending: Ending<SegmentOutcome> } | { readonly trial: StoredTrial | undefined };

/** Says what is to be done next; only under the lock of the folder, so that no two workers begin the same. */
async function nextSegment(context: PopulationContext, run: PopulationRun): Promise<Next> {
  const { store, data } = context;
  const trials = await liveTrials(store);
  const ended = segmentsOf(context, trials);
  const outcome = ended.find(({ generation, member }) => generation === run.generation && member === run.member);
  if (outcome !== undefined) return { ending: endingOf(outcome) };
  const waits = trials.some(({ state }) => state === 'WAITING') || (await plansGeneration(context, trials, ended));
  return { trial: waits ? await takeTrial(store, data.space) : undefined };
}

export const endingOf = (outcome: SegmentOutcome): Ending<SegmentOutcome> =>
  outcome.state === 'failed' ? { kind: 'failed', message: outcome.message! } : { kind: 'done', outcome };

/** Lets the segments of the next generation wait for workers, once all of the one before have ended. Returns whether any do now. */
async function plansGeneration(
  context: PopulationContext,
  trials: readonly StoredTrial[],
  ended: readonly SegmentOutcome[],
): Promise<boolean> {
  const { store, data, loaded, members, generations } = context;
  const planned = trials.flatMap(({ notes: { segment } }) => segment ?? []);
  const generation = Math.floor(ended.length / members);
  if (generation === generations) return false;
  const missing = beginnings(context, generation, ended).filter(
    ({ member }) => !planned.some((other) => other.generation === generation && other.member === member),
  );
  const random = (member: number) => new RandomStream(loaded.experiment.seed, `population ${generation} ${member}`);
  for (const { member, parent, settings } of missing) {
    const changed =
      settings === undefined
        ? drawSettings(data.space, random(member))
        : parent === member
          ? settings
          : perturb(data.space, settings, random(member));
    await store.enqueue(paramsOf(data.space, changed), { generation, member, parent });
  }
  if (missing.length === 0) return false;
  // With what the generation before the last has left, nobody goes on any more.
  for (let member = 0; generation >= 2 && member < members; member++) {
    const { checkpoints } = runPaths(segmentFolder(context, generation - 2, member));
    await rm(checkpoints, { recursive: true, force: true });
  }
  return true;
}

interface Beginning extends Segment {
  /** Those of its parent; absent in the first generation. */
  readonly settings?: SegmentOutcome['settings'];
}

/** Says with whose network and settings each member begins a generation. @throws BanyanError `experiment` where all have failed. */
function beginnings(
  { loaded, members, objectives, folder }: PopulationContext,
  generation: number,
  ended: readonly SegmentOutcome[],
): readonly Beginning[] {
  const everyone = Array.from({ length: members }, (_, member) => member);
  if (generation === 0) return everyone.map((member) => ({ generation, member, parent: null }));
  const before = ended.filter((segment) => segment.generation === generation - 1);
  const { higherIsBetter } = objectives.list[0]!;
  const goods = before.map(({ value }) => (value === undefined ? undefined : higherIsBetter ? value : -value));
  if (goods.every((good) => good === undefined)) {
    throw new BanyanError(
      'experiment',
      `All ${members} members of the population in ${folder} have failed, expected at least one that can be trained. The first: ${before[0]!.message}`,
    );
  }
  const parents = parentsOf(goods, new RandomStream(loaded.experiment.seed, `exploit ${generation}`));
  return everyone.map((member) => ({
    generation,
    member,
    parent: parents[member]!,
    settings: before[parents[member]!]!.settings,
  }));
}

/** Trains a segment and tells its store how it ended. One that is interrupted goes back to the store, and waits there for a worker. */
async function train(context: PopulationContext, trial: StoredTrial, signal: AbortSignal): Promise<void> {
  const { store } = context;
  const { generation, member } = trial.notes.segment!;
  const folder = segmentFolder(context, generation, member);
  try {
    await makeFolder(folder);
    // A worker that has lost its segment to this one may still be at its last step.
    const ending = await whenFree(folder, signal, () => trainToEnding(context, trial, folder, signal));
    await store.tell(trial.number, ending);
  } catch (error) {
    if (signal.aborted && error === signal.reason) await store.release(trial.number);
    throw error;
  }
}

async function trainToEnding(
  context: PopulationContext,
  { notes, params }: StoredTrial,
  folder: string,
  signal: AbortSignal,
): Promise<TrialEnding> {
  const { data, every, objectives, alone } = context;
  const { generation, member, parent } = notes.segment!;
  const from = parent === null ? {} : { from: segmentFolder(context, generation - 1, parent) };
  const effort = () => {
    const { steps: step, seconds } = effortOf(folder);
    return { step, seconds };
  };
  try {
    const experiment = memberExperiment(context, segmentName(generation, member), settingsOf(data.space, params));
    const metrics = await trainUntil(folder, experiment, { until: (generation + 1) * every, ...from }, signal);
    return { state: 'COMPLETE', values: objectives.valuesOf(metrics, alone), notes: effort() };
  } catch (error) {
    signal.throwIfAborted();
    // What is missing on the disk is no fault of the settings.
    if (!(error instanceof BanyanError) || error.code === 'checkpoint') throw error;
    return { state: 'FAIL', notes: { ...effort(), message: error.message } };
  }
}

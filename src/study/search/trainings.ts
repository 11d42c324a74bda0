import { forTasks } from '../../experiment/build.ts';
import { type CheckedExperiment, changeExperiment, type LoadedExperiment } from '../../experiment/load.ts';
import type { Settings } from '../../experiment/settings.ts';
import { makeFolder } from '../run/folder.ts';
import type { Ending, RunControl } from '../study.ts';
import { experimentWith, outcomesOf, type SearchContext, type TrialOutcome } from './context.ts';
import { whenFree } from './locked.ts';
import { searchPaths } from './paths.ts';
import { planSearch, type SearchRun } from './plan.ts';
import { winnerOf, withFront } from './result.ts';
import { readValidated, trainValidated, type Validated } from './train-validated.ts';

type AloneOutcome = { readonly kind: 'alone'; readonly metrics: Readonly<Record<string, number>> };
type WinnerOutcome = { readonly kind: 'winner'; readonly values: readonly number[] };

/** Reads what a task reached alone; undefined where that is still to be trained. */
export async function readAlone(context: SearchContext, task: string): Promise<Ending<AloneOutcome> | undefined> {
  const validated = await readValidated(searchPaths(context.folder).run(`alone-${task}`));
  return validated && keepAlone(context, task, validated);
}

/** Trains a task alone, as the experiment stands. */
export async function performAlone(
  context: SearchContext,
  task: string,
  control: RunControl,
): Promise<Ending<AloneOutcome>> {
  const name = `alone-${task}`;
  return keepAlone(context, task, await trainNamed(context, name, experimentAlone(context, name, task), control));
}

function keepAlone(context: SearchContext, task: string, { metrics }: Validated): Ending<AloneOutcome> {
  context.alone[task] = metrics[task]!;
  return { kind: 'done', outcome: { kind: 'alone', metrics: metrics[task]! } };
}

function experimentAlone({ loaded, bindings }: SearchContext, name: string, task: string): LoadedExperiment {
  const { experiment, ...rest } = experimentWith(loaded, name, {});
  const { balance: _, ...training } = forTasks(experiment.training, [task], bindings);
  const tasks = { [task]: experiment.tasks[task]! };
  return { ...rest, experiment: { ...experiment, tasks, training } as CheckedExperiment };
}

/** Reads what the winner reached with another seed; undefined where that is still to be trained, or there is another winner by now. */
export async function readWinner(
  context: SearchContext,
  run: SearchRun,
  outcomes: readonly TrialOutcome[],
): Promise<Ending<WinnerOutcome> | undefined> {
  if (outcomes.length < context.data.trials || outcomes.every(({ state }) => state !== 'complete')) return undefined;
  const { number } = winnerAmong(context, outcomes);
  const validated = await readValidated(searchPaths(context.folder).run(nameOf(number, run)));
  return validated && judged(context, validated);
}

/** Reads what the winner of these reached with other seeds by now, a row for each. */
export async function winnerValues(
  context: SearchContext,
  outcomes: readonly TrialOutcome[],
): Promise<readonly (readonly number[])[]> {
  for (const task of context.objectives.baselines) await readAlone(context, task);
  const rows: (readonly number[])[] = [];
  for (const run of planSearch(context.loaded.experiment, context.data, [])) {
    const ending = run.kind === 'winner' ? await readWinner(context, run, outcomes) : undefined;
    if (ending?.kind === 'done') rows.push(ending.outcome.values);
  }
  return rows;
}

/** Trains the winner with another seed. */
export async function performWinner(
  context: SearchContext,
  run: SearchRun,
  control: RunControl,
): Promise<Ending<WinnerOutcome>> {
  const { number, settings } = winnerAmong(context, outcomesOf(context, await context.store.trials()));
  const name = nameOf(number, run);
  const experiment = experimentWith(context.loaded, name, { ...settings, seed: run.seed });
  return judged(context, await trainNamed(context, name, experiment, control));
}

const winnerAmong = ({ objectives: { list } }: SearchContext, outcomes: readonly TrialOutcome[]) =>
  winnerOf(withFront(outcomes, list), list);

/** Another winner, after more trials, is trained in folders of its own. */
const nameOf = (number: number, { seed }: SearchRun): string => `trial-${number}-seed-${seed}`;

const judged = ({ objectives, alone }: SearchContext, { metrics }: Validated): Ending<WinnerOutcome> => ({
  kind: 'done',
  outcome: { kind: 'winner', values: objectives.valuesOf(metrics, alone) },
});

async function trainNamed(
  { folder }: SearchContext,
  name: string,
  experiment: LoadedExperiment,
  { signal }: RunControl,
): Promise<Validated> {
  const run = searchPaths(folder).run(name);
  await makeFolder(run);
  return whenFree(run, signal, () => trainValidated(run, experiment, signal));
}

/** Makes the experiment with the best settings, as a file for `banyan train`. */
export function winnerExperiment({ loaded }: SearchContext, settings: Settings): CheckedExperiment {
  const { search: _, ...experiment } = changeExperiment(loaded, settings).experiment;
  return experiment as CheckedExperiment;
}

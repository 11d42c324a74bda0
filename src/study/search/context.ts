import type { CheckedExperiment, LoadedExperiment } from '../../experiment/load.ts';
import { changeExperiment } from '../../experiment/load.ts';
import type { SearchData } from '../../experiment/schema.ts';
import type { Settings } from '../../experiment/settings.ts';
import type { Bindings } from '../../kind/index.ts';
import type { Metrics } from '../../train/index.ts';
import type { Objectives } from './objectives.ts';
import type { StoredTrial, TrialStore } from './optuna/store.ts';
import { settingsOf } from './space.ts';

/** What is searched, with what stands where the experiment says nothing of it. */
export interface AskedSearch extends SearchData {
  readonly trials: number;
  readonly sampler: NonNullable<SearchData['sampler']>;
}

const TRIALS = 40;

export const askedSearch = (data: SearchData): AskedSearch => ({
  ...data,
  trials: data.trials ?? TRIALS,
  sampler: data.sampler ?? 'tpe',
});

/** What all runs of a search share. */
export interface SearchContext {
  readonly loaded: LoadedExperiment;
  readonly data: AskedSearch;
  /** The kinds that its plugins bring. */
  readonly bindings: Bindings;
  readonly folder: string;
  readonly objectives: Objectives;
  readonly store: TrialStore;
  /** The metrics of each task alone, by its name; filled as they are measured. */
  readonly alone: Record<string, Metrics[string]>;
}

/** What a trial came to. */
export interface TrialOutcome {
  readonly kind: 'trial';
  readonly number: number;
  readonly settings: Settings;
  readonly state: 'complete' | 'pruned' | 'failed';
  /** The objectives, in their order; of a trial that was ended, the last that were measured. */
  readonly values?: readonly number[];
  /** Why it failed. */
  readonly message?: string;
  readonly steps: number;
  readonly seconds: number;
}

const STATES = { COMPLETE: 'complete', PRUNED: 'pruned', FAIL: 'failed' } as const;

/** Says what a stored trial came to; undefined for one that has not ended, or that another one went on with. */
function outcomeOf(space: SearchData['space'], trial: StoredTrial): TrialOutcome | undefined {
  const { state, notes, origin, params, values } = trial;
  if (state === 'RUNNING' || state === 'WAITING' || (state === 'FAIL' && notes.message === undefined)) return undefined;
  const last = Object.entries(notes.curve ?? {})
    .sort(([a], [b]) => Number(a) - Number(b))
    .at(-1)?.[1];
  const reached = state === 'COMPLETE' ? values : last;
  return {
    kind: 'trial',
    number: origin,
    settings: settingsOf(space, params),
    state: STATES[state],
    ...(reached == null ? {} : { values: reached }),
    ...(notes.message === undefined ? {} : { message: notes.message }),
    steps: notes.step ?? 0,
    seconds: notes.seconds ?? 0,
  };
}

/** Lists what trials came to, in the order in which they ended. */
export const outcomesOf = (
  { data }: { readonly data: Pick<SearchData, 'space'> },
  trials: readonly StoredTrial[],
): TrialOutcome[] =>
  [...trials].sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0)).flatMap((trial) => outcomeOf(data.space, trial) ?? []);

/** Makes the experiment of one training: with these settings, and without what is for studies and people. */
export function experimentWith(loaded: LoadedExperiment, name: string, settings: Settings): LoadedExperiment {
  const { report: _, transfer: __, search: ___, log: ____, ...rest } = loaded.experiment;
  return changeExperiment({ ...loaded, experiment: { ...rest, name } as CheckedExperiment }, settings);
}

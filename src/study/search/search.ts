import type { Observable } from 'rxjs';
import { checkOptions, optionsOf, text } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { CheckedExperiment, LoadedExperiment } from '../../experiment/load.ts';
import type { ExperimentFile, SearchData } from '../../experiment/schema.ts';
import type { Settings } from '../../experiment/settings.ts';
import type { Bindings } from '../../kind/index.ts';
import { readGiven } from '../experiment.ts';
import { joinStudyFolder, readStudyExperiment, withStoredThreads } from '../folder.ts';
import { observed } from '../observed.ts';
import { leaves } from '../options.ts';
import { writeJson } from '../records/json.ts';
import { buildNetwork, openSession, type Session } from '../run/session.ts';
import { settle } from '../settle.ts';
import { performStudy, type Study, type StudyEvent } from '../study.ts';
import { type AskedSearch, askedSearch, outcomesOf, type SearchContext, type TrialOutcome } from './context.ts';
import { whenFree } from './locked.ts';
import { type Objectives, objectivesOf } from './objectives.ts';
import { openStore } from './open-store.ts';
import { findOptuna } from './optuna/find.ts';
import { writePage } from './page.ts';
import { SEARCH_FILES, searchPaths } from './paths.ts';
import { planSearch, type SearchRun } from './plan.ts';
import { type SearchResult, summariseSearch } from './result.ts';
import { checkSpace } from './space.ts';
import { performAlone, performWinner, readAlone, readWinner, winnerExperiment } from './trainings.ts';
import { endingOf, performTrial } from './trial.ts';

/** Where a search is made. */
export interface SearchOptions {
  /** The folder, in which it goes on with what is there, beside others that do. Default: the first free `runs/<name>-<n>`. */
  readonly out?: string;
  /**
   * The address of the store of its trials, as SQLAlchemy has them (`postgresql+psycopg://…`, `mysql+pymysql://…`). All that name the same
   * one, with an experiment of the same name, search together. Default: a file of SQLite in the folder.
   */
  readonly store?: string;
  /** Values that take the place of what the experiment says, by their places: `{ 'search.trials': 100 }`. */
  readonly set?: Settings;
  /** Interrupts it, like unsubscribing; the Observable then ends with the event `interrupted`. */
  readonly signal?: AbortSignal;
}

const optionsSchema = optionsOf('search', {
  out: leaves.out,
  store: text.optional(),
  set: leaves.set,
  signal: leaves.signal,
});

/** What a run of a search came to: a trial, or the objectives of the winner with another seed, or of a task alone its metrics. */
export type SearchOutcome =
  | TrialOutcome
  | { readonly kind: 'winner'; readonly values: readonly number[] }
  | { readonly kind: 'alone'; readonly metrics: Readonly<Record<string, number>> };

/** What a search tells while it is performed. */
export type SearchEvent = StudyEvent<SearchRun, SearchOutcome, SearchResult>;

/**
 * Searches the settings that the section `search` of an experiment names, by Optuna. Each trial is trained in this process and judged on the
 * validation split alone; the best is trained again on seeds that no trial had. The work begins with a subscription and ends when it is
 * unsubscribed; begun again in the same folder, it goes on, a trial that was interrupted from its checkpoint. Several processes may search
 * in one folder. The last event is the result.
 * @param experiment the path of its file, or what such a file says; plugins of an object are found from the working folder.
 * @throws BanyanError (as an error of the Observable) `experiment` for an experiment without the section `search`, a key or a value that
 * cannot be, or a folder of another search; `runtime` where Optuna is not installed (`banyan setup --search`), or its store cannot be used.
 */
export const search = (experiment: string | ExperimentFile, options: SearchOptions = {}): Observable<SearchEvent> =>
  observed(
    async (signal, tell) => performSearch(await readGiven(experiment, options.set), options, signal, tell),
    options.signal,
  );

async function performSearch(
  loaded: LoadedExperiment,
  options: SearchOptions,
  signal: AbortSignal,
  tell: (event: SearchEvent) => void,
): Promise<void> {
  const { out, store: url } = checkOptions('search', optionsSchema, options);
  if (loaded.experiment.search?.population !== undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['search', 'population'])}: search() makes trials, expected no population, received ${loaded.experiment.search.population}. Call trainPopulation(), or remove it.`,
    );
  }
  const python = findOptuna();
  const { settled, data, bindings, objectives } = await prepare(loaded, out);
  const folder = await joinStudyFolder(SEARCH_FILES, out, await withStoredCounts(out, settled.experiment));
  const store = await openStore(settled.experiment, data, objectives, url ?? searchPaths(folder).url, python);
  try {
    const context = { loaded: settled, data, bindings, folder, objectives, store, alone: {} };
    await performStudy(await searchStudy(context), signal, tell);
  } finally {
    await store.close();
  }
}

interface PreparedSearch {
  readonly settled: LoadedExperiment;
  readonly data: AskedSearch;
  readonly bindings: Bindings;
  readonly objectives: Objectives;
}

/** Checks what is searched, and settles what all trainings have in common. */
export async function prepare(loaded: LoadedExperiment, out: string | undefined): Promise<PreparedSearch> {
  const { search: asked } = loaded.experiment;
  if (asked === undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.file} has no section "search": expected one with space. Add it, or use \`banyan train\`.`,
    );
  }
  const data = askedSearch(asked);
  const session = await openSession({
    ...loaded,
    experiment: await withStoredThreads(SEARCH_FILES, out, loaded.experiment),
  });
  const bindings = session.found.container;
  checkSpace(loaded, data.space, bindings);
  const objectives = await measuredObjectives(session, data);
  return { settled: { ...loaded, experiment: await settledExperiment(session, data) }, data, bindings, objectives };
}

async function measuredObjectives(session: Session, data: SearchData): Promise<Objectives> {
  const network = await buildNetwork(session);
  try {
    return objectivesOf(data, network, session.loaded.place(['search', 'objectives']));
  } finally {
    network.dispose();
  }
}

/** The steps are the same for all, unless the search changes what an epoch has of them. */
async function settledExperiment({ loaded: { experiment }, runtime, tasks }: Session, { space }: SearchData) {
  const { threads } = runtime;
  const training = { ...experiment.training, threads };
  const free = Object.keys(space).some((key) => key.startsWith('training.batch') || key === 'training.epochs');
  return free ? { ...experiment, training } : settle({ ...experiment, training }, tasks);
}

/** A search may go on with more trials or seeds than it was begun with. */
export async function withStoredCounts(
  out: string | undefined,
  experiment: CheckedExperiment,
): Promise<CheckedExperiment> {
  const before = out === undefined ? undefined : (await readStudyExperiment(SEARCH_FILES, out))?.search;
  if (before === undefined) return experiment;
  const { trials: _, ...search } = experiment.search!;
  const { trials, seeds } = before;
  return { ...experiment, search: { ...search, seeds, ...(trials === undefined ? {} : { trials }) } };
}

/** Makes the study of a search. */
async function searchStudy(context: SearchContext): Promise<Study<SearchRun, SearchOutcome, SearchResult>> {
  const { loaded, data, folder, objectives, store } = context;
  const ended = outcomesOf(context, await store.trials());
  return {
    folder,
    runs: planSearch(loaded.experiment, data, objectives.baselines),
    stored: async (run) => {
      if (run.kind === 'alone') return readAlone(context, run.alone!);
      if (run.kind === 'winner') return readWinner(context, run, ended);
      const outcome = ended[run.place!];
      return outcome && endingOf(outcome);
    },
    perform: async (run, control) => {
      if (run.kind === 'alone') return performAlone(context, run.alone!, control);
      if (run.kind === 'winner') return performWinner(context, run, control);
      return performTrial(context, run.place!, control);
    },
    conclude: async (outcomes) => {
      const again = [...outcomes.values()].flatMap((outcome) => (outcome.kind === 'winner' ? [outcome.values] : []));
      const result = await summariseSearch(context, outcomesOf(context, await store.trials()), again);
      const paths = searchPaths(folder);
      await whenFree(folder, new AbortController().signal, async () => {
        await writeJson(paths.winner, winnerExperiment(context, result.winner.settings));
        await writePage(paths.page, result, await store.trials());
        await writeJson(paths.result, result);
      });
      return result;
    },
  };
}

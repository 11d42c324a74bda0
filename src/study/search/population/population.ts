import type { Observable } from 'rxjs';
import { checkOptions, optionsOf } from '../../../check.ts';
import { BanyanError } from '../../../error.ts';
import type { LoadedExperiment } from '../../../experiment/load.ts';
import type { ExperimentFile } from '../../../experiment/schema.ts';
import { readGiven } from '../../experiment.ts';
import { joinStudyFolder } from '../../folder.ts';
import { observed } from '../../observed.ts';
import { leaves } from '../../options.ts';
import { writeJson } from '../../records/json.ts';
import { performStudy, type Study, type StudyEvent } from '../../study.ts';
import { whenFree } from '../locked.ts';
import { openStore } from '../open-store.ts';
import { findOptuna } from '../optuna/find.ts';
import { SEARCH_FILES, searchPaths } from '../paths.ts';
import { prepare, type SearchOptions, withStoredCounts } from '../search.ts';
import { performAlone, readAlone } from '../trainings.ts';
import { checkPopulation } from './check.ts';
import { type PopulationContext, type SegmentOutcome, segmentsOf } from './context.ts';
import { writePopulationPage } from './page.ts';
import { type PopulationRun, planPopulation } from './plan.ts';
import { type PopulationResult, summarisePopulation } from './result.ts';
import { endingOf, performSegment } from './segment.ts';
import { performWinner, readWinner } from './winner.ts';

/** Where a population is trained. */
export type PopulationOptions = Omit<SearchOptions, 'store'>;

const optionsSchema = optionsOf('trainPopulation', { out: leaves.out, set: leaves.set, signal: leaves.signal });

/** What a run of a population came to: a segment, or the objective of the winner's way with another seed, or of a task alone its metrics. */
export type PopulationOutcome =
  | SegmentOutcome
  | { readonly kind: 'winner'; readonly values: readonly number[] }
  | { readonly kind: 'alone'; readonly metrics: Readonly<Record<string, number>> };

/** What a population tells while it is trained. */
export type PopulationEvent = StudyEvent<PopulationRun, PopulationOutcome, PopulationResult>;

/**
 * Trains a population of networks side by side (Jaderberg et al. 2017): at each measurement on the validation split the worst fifth goes on
 * with the networks of the best fifth, whole, by settings near theirs. `search.population` says how many there are, `search.space` which
 * settings change. All are trained in this process, and several processes may train in one folder; what comes out is the same however many
 * there are. The work begins with a subscription and ends when it is unsubscribed; begun again in the same folder, it goes on, a part that
 * was interrupted from its checkpoint. The last event is the result.
 * @param experiment the path of its file, or what such a file says; plugins of an object are found from the working folder.
 * @throws BanyanError (as an error of the Observable) `experiment` for an experiment without `search.population`, a key that cannot change
 * on the way, or a folder of another search; `runtime` where Optuna, whose store keeps the population, is not installed.
 */
export const trainPopulation = (
  experiment: string | ExperimentFile,
  options: PopulationOptions = {},
): Observable<PopulationEvent> =>
  observed(
    async (signal, tell) => performPopulation(await readGiven(experiment, options.set), options, signal, tell),
    options.signal,
  );

async function performPopulation(
  loaded: LoadedExperiment,
  options: PopulationOptions,
  signal: AbortSignal,
  tell: (event: PopulationEvent) => void,
): Promise<void> {
  const { out } = checkOptions('trainPopulation', optionsSchema, options);
  const python = findOptuna();
  const { settled, data, bindings, objectives } = await prepare(loaded, out);
  const { population: members } = data;
  if (members === undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['search'])}: search has no population, expected the number of its members. Add it, or call search().`,
    );
  }
  const generations = checkPopulation(settled, data, objectives);
  const folder = await joinStudyFolder(SEARCH_FILES, out, await withStoredCounts(out, settled.experiment));
  const store = await openStore(settled.experiment, data, objectives, searchPaths(folder).url, python);
  try {
    const every = settled.experiment.training.evaluateEvery!;
    const context = {
      loaded: settled,
      data,
      bindings,
      folder,
      objectives,
      store,
      alone: {},
      members,
      generations,
      every,
    };
    await performStudy(populationStudy(context), signal, tell);
  } finally {
    await store.close();
  }
}

/** Makes the study of a population. */
function populationStudy(context: PopulationContext): Study<PopulationRun, PopulationOutcome, PopulationResult> {
  const { loaded, data, folder, objectives, store, generations } = context;
  return {
    folder,
    runs: planPopulation(loaded.experiment.seed, data, generations, objectives.baselines),
    stored: async (run) => {
      if (run.kind === 'alone') return readAlone(context, run.alone!);
      if (run.kind === 'winner') return readWinner(context, run);
      const found = segmentsOf(context, await store.trials()).find(
        ({ generation, member }) => generation === run.generation && member === run.member,
      );
      return found && endingOf(found);
    },
    perform: async (run, control) => {
      if (run.kind === 'alone') return performAlone(context, run.alone!, control);
      if (run.kind === 'winner') return performWinner(context, run, control);
      return performSegment(context, run, control);
    },
    conclude: async (outcomes) => {
      const again = [...outcomes.values()].flatMap((outcome) => (outcome.kind === 'winner' ? outcome.values : []));
      const result = summarisePopulation(context, segmentsOf(context, await store.trials()), again);
      const paths = searchPaths(folder);
      await whenFree(folder, new AbortController().signal, async () => {
        await writePopulationPage(paths.population, result);
        await writeJson(paths.result, result);
      });
      return result;
    },
  };
}

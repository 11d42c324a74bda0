import type { Observable } from 'rxjs';
import { deltaM } from '../../analysis/index.ts';
import { checkOptions, optionsOf } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { CheckedExperiment, LoadedExperiment } from '../../experiment/load.ts';
import { loadPluginsOf } from '../../experiment/plugins/load.ts';
import { pickTasks } from '../../experiment/plugins/pick.ts';
import type { ExperimentFile } from '../../experiment/schema.ts';
import type { Settings } from '../../experiment/settings.ts';
import { readGiven } from '../experiment.ts';
import { inStudyFolder, withStoredThreads } from '../folder.ts';
import { observed } from '../observed.ts';
import { leaves } from '../options.ts';
import { writeJson } from '../records/json.ts';
import { settle } from '../settle.ts';
import { type Ending, performStudy, type Study, type StudyEvent } from '../study.ts';
import { COMPARISON_FILES, comparisonPaths } from './folder.ts';
import { writePage } from './page.ts';
import { type ComparisonPlan, type ComparisonRun, experimentOf, planComparison } from './plan.ts';
import { type ComparisonResult, reached, summariseComparison } from './result.ts';
import { type MeasuredRun, storedRun, trainInChild } from './run-child.ts';

/** What is compared, and where. */
export interface CompareOptions {
  /** The methods of balancing, of `methods()` of banyan-ml/balance; the others are compared with the first. Default `['equal']`. */
  readonly methods?: readonly string[];
  /** How the tasks share the trunk: `hard` or kinds of sharing. Default: as the experiment says. */
  readonly sharing?: readonly string[];
  /** The number of seeds, beginning with the experiment's own. Default 3. */
  readonly seeds?: number;
  /** The folder, in which it goes on with what is there. Default: the first free `runs/<name>-<n>`. */
  readonly out?: string;
  /** Values that take the place of what the experiment says, by their places: `{ 'training.steps': 100 }`. */
  readonly set?: Settings;
  /** Interrupts it, like unsubscribing; the Observable then ends with the event `interrupted`. */
  readonly signal?: AbortSignal;
}

const optionsSchema = optionsOf('compare', {
  methods: leaves.names.default(['equal']),
  sharing: leaves.names.optional(),
  seeds: leaves.seeds.default(3),
  out: leaves.out,
  set: leaves.set,
  signal: leaves.signal,
});

/** What a comparison tells while it is performed. */
export type CompareEvent = StudyEvent<ComparisonRun, MeasuredRun, ComparisonResult>;

/**
 * Trains an experiment in each way that is asked for and each of its tasks alone, over several seeds, and compares what they reach. Each
 * run is a process of its own. The work begins with a subscription and ends when it is unsubscribed; begun again in the same folder, it
 * goes on. The last event is the result.
 * @param experiment the path of its file, or what such a file says; plugins of an object are found from the working folder.
 * @throws BanyanError (as an error of the Observable) `experiment` for an experiment that cannot be compared or a folder of another one,
 * `argument` for wrong options, `busy` while another process writes into the folder.
 */
export const compare = (experiment: string | ExperimentFile, options: CompareOptions = {}): Observable<CompareEvent> =>
  observed(
    async (signal, tell) => performComparison(await readGiven(experiment, options.set), options, signal, tell),
    options.signal,
  );

async function performComparison(
  loaded: LoadedExperiment,
  options: CompareOptions,
  signal: AbortSignal,
  tell: (event: CompareEvent) => void,
): Promise<void> {
  const { methods, sharing, seeds, out } = checkOptions('compare', optionsSchema, options);
  const { experiment } = loaded;
  if (experiment.base !== undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['base'])}: \`banyan compare\` trains from scratch, expected no base, received ${experiment.base}. Remove it.`,
    );
  }
  // A run would name its own file, not the user's.
  const plugins = await loadPluginsOf(loaded);
  const tasks = pickTasks(loaded, plugins);
  const request = { methods, seeds, ...(sharing === undefined ? {} : { sharing }) };
  const plan = planComparison(experiment, request, plugins.container);
  const settled = await settle(await withStoredThreads(COMPARISON_FILES, out, experiment), tasks);
  await inStudyFolder(COMPARISON_FILES, out, settled, (folder) =>
    performStudy(comparisonStudy(settled, plan, folder), signal, tell),
  );
}

/** Makes the study of a comparison. */
const comparisonStudy = (
  experiment: CheckedExperiment,
  plan: ComparisonPlan,
  folder: string,
): Study<ComparisonRun, MeasuredRun, ComparisonResult> => ({
  folder,
  runs: plan.runs,
  stored: async (run) => {
    const outcome = await storedRun(folder, run.name, experimentOf(experiment, run));
    return outcome && judged({ kind: 'done', outcome }, run);
  },
  perform: async (run, control) =>
    judged(await trainInChild(folder, run.name, experimentOf(experiment, run), control), run),
  conclude: async (outcomes, failed) => {
    const result = summariseComparison(experiment.name, plan, outcomes, failed);
    const paths = comparisonPaths(folder);
    await writePage(paths.page, result);
    await writeJson(paths.result, result);
    return result;
  },
});

/** A run whose figures cannot be compared has failed. */
function judged(ending: Ending<MeasuredRun>, { tasks, alone }: ComparisonRun): Ending<MeasuredRun> {
  if (ending.kind === 'failed') return ending;
  try {
    for (const task of tasks) {
      const value = reached(ending.outcome, task);
      // Delta-m is a share of it.
      if (alone !== undefined) deltaM([{ baseline: value, multiTask: value, higherIsBetter: true }]);
    }
    return ending;
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    return { kind: 'failed', message: error.message };
  }
}

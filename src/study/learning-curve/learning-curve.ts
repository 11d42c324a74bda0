import type { Observable } from 'rxjs';
import { checkOptions, finite, listOf, number, optionsOf, text } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import type { ExperimentFile } from '../../experiment/schema.ts';
import type { Settings } from '../../experiment/settings.ts';
import { didYouMean, listed } from '../../nearest.ts';
import { readGiven } from '../experiment.ts';
import { inStudyFolder, withStoredThreads } from '../folder.ts';
import { observed } from '../observed.ts';
import { leaves } from '../options.ts';
import { exists, readJson, writeJson } from '../records/json.ts';
import { openSession, type Session } from '../run/session.ts';
import { settle } from '../settle.ts';
import { performStudy, type Study, type StudyEvent } from '../study.ts';
import { writePage } from './page.ts';
import { LEARNING_CURVE_FILES, learningCurvePaths } from './paths.ts';
import { type CurveRun, type CurveWay, planCurve } from './plan.ts';
import { type LearningCurveResult, summariseCurve } from './result.ts';
import { type CurvePoint, pointSchema, trainFraction } from './train-fraction.ts';

/** Which curve is measured, and where. */
export interface LearningCurveOptions {
  /** The task whose examples are cut. */
  readonly task: string;
  /** The parts of its training examples, each above 0 and at most 1, at least three. Default: a sixteenth, and doubled up to all. */
  readonly fractions?: readonly number[];
  /** The number of seeds, at least 2, beginning with the experiment's own. Default 3. */
  readonly seeds?: number;
  /** A value of the task's first metric, of which is said how many examples lead there. */
  readonly target?: number;
  /** The folder, in which it goes on with what is there. Default: the first free `runs/<name>-<n>`. */
  readonly out?: string;
  /** Values that take the place of what the experiment says, by their places: `{ 'training.steps': 100 }`. */
  readonly set?: Settings;
  /** Interrupts it, like unsubscribing; the Observable then ends with the event `interrupted`. */
  readonly signal?: AbortSignal;
}

const FRACTIONS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];
const PARTS = 'a list of at least three different numbers > 0 and <= 1';

const optionsSchema = optionsOf('learning-curve', {
  task: text,
  fractions: listOf(number({ above: 0, most: 1 }), PARTS)
    .refine((parts) => new Set(parts).size === parts.length && parts.length >= 3, { error: PARTS })
    .default(FRACTIONS),
  seeds: leaves.seeds.refine((seeds) => seeds >= 2, { error: 'a whole number >= 2' }).default(3),
  target: finite.optional(),
  out: leaves.out,
  set: leaves.set,
  signal: leaves.signal,
});

/** What a learning curve tells while it is measured. */
export type LearningCurveEvent = StudyEvent<CurveRun, CurvePoint, LearningCurveResult>;

/**
 * Trains on growing parts of a task's examples, together with the other tasks and alone, over several seeds, and fits a power law with a
 * floor to the errors: how many more examples lead to a target, and what training together is worth in examples. Each class has its share
 * in a part. The networks are trained in this process. The work begins with a subscription and ends when it is unsubscribed; begun again in
 * the same folder, it goes on. The last event is the result.
 * @param experiment the path of its file, or what such a file says; plugins of an object are found from the working folder.
 * @throws BanyanError (as an error of the Observable) `experiment` for a task that is not there or a metric that is no error's,
 * `argument` for wrong options, `busy` while another process writes into the folder.
 */
export const learningCurve = (
  experiment: string | ExperimentFile,
  options: LearningCurveOptions,
): Observable<LearningCurveEvent> =>
  observed(
    async (signal, tell) => performCurve(await readGiven(experiment, options.set), options, signal, tell),
    options.signal,
  );

async function performCurve(
  loaded: LoadedExperiment,
  options: LearningCurveOptions,
  signal: AbortSignal,
  tell: (event: LearningCurveEvent) => void,
): Promise<void> {
  const { task, fractions, seeds: many, target, out } = checkOptions('learning-curve', optionsSchema, options);
  const { experiment } = loaded;
  const names = Object.keys(experiment.tasks);
  if (!names.includes(task)) {
    throw new BanyanError(
      'argument',
      `learning-curve: task must be one of the experiment's: ${listed(names)}, received "${task}". ${didYouMean(task, names, 'Name one of these.')}`,
    );
  }
  if (experiment.base !== undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['base'])}: \`banyan learning-curve\` trains from scratch, expected no base, received ${experiment.base}. Remove it.`,
    );
  }
  const before = await withStoredThreads(LEARNING_CURVE_FILES, out, experiment);
  const opened = await openSession({ ...loaded, experiment: before });
  const threads = opened.runtime.threads;
  const { report: _, ...plain } = before;
  const settled = await settle({ ...plain, training: { ...before.training, threads } }, opened.tasks);
  const session = { ...opened, loaded: { ...loaded, experiment: settled } };
  const ways: readonly CurveWay[] = names.length === 1 ? ['alone'] : ['together', 'alone'];
  const seeds = Array.from({ length: many }, (__, i) => experiment.seed + i);
  const runs = planCurve(
    task,
    ways,
    [...fractions].sort((a, b) => a - b),
    seeds,
  );
  const question = { name: experiment.name, task, ways, ...(target === undefined ? {} : { target }) };
  await inStudyFolder(LEARNING_CURVE_FILES, out, settled, (folder) =>
    performStudy(curveStudy(session, folder, question, runs), signal, tell),
  );
}

function curveStudy(
  session: Session,
  folder: string,
  question: Parameters<typeof summariseCurve>[0],
  runs: readonly CurveRun[],
): Study<CurveRun, CurvePoint, LearningCurveResult> {
  const paths = learningCurvePaths(folder);
  return {
    folder,
    runs,
    stored: async ({ name }) => {
      const path = paths.point(name);
      if (!(await exists(path))) return undefined;
      return { kind: 'done', outcome: await readJson(path, pointSchema, 'Remove it: it is measured again.') };
    },
    perform: async (run, { signal }) => {
      const outcome = await trainFraction(session, question.task, run, signal);
      await writeJson(paths.point(run.name), outcome);
      return { kind: 'done', outcome };
    },
    conclude: async (outcomes) => {
      const result = summariseCurve(question, runs, outcomes);
      await writePage(paths.page, result);
      await writeJson(paths.result, result);
      return result;
    },
  };
}

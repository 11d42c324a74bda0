import { availableParallelism } from 'node:os';
import { deltaM } from '../../analysis/index.ts';
import { BanyanError } from '../../error.ts';
import type { CheckedExperiment, LoadedExperiment } from '../../experiment/load.ts';
import { loadPluginsOf } from '../../experiment/plugins/load.ts';
import { pickTasks } from '../../experiment/plugins/pick.ts';
import { formatDuration } from '../../report/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { checkOptions } from '../../train/index.ts';
import { whileLocked } from '../lock/lock.ts';
import { onSignal } from '../process/signals.ts';
import { createRunFolder, makeFolder, writeWhole } from '../run/folder.ts';
import { comparisonPaths, openComparison, readComparison } from './folder.ts';
import { writePage } from './page.ts';
import { type Ending, type MeasuredRun, performRun } from './perform.ts';
import { type ComparisonAsked, type ComparisonPlan, planComparison, type Run } from './plan.ts';
import { reached, summariseComparison } from './result.ts';
import { comparisonText } from './tables.ts';

const INTERRUPTED = 130;
// Milliseconds: what reading a finished run takes at most.
const READ = 200;

export interface CompareOptions extends ComparisonAsked {
  readonly out?: string;
  readonly json: boolean;
}

/**
 * Trains an experiment in each way that is asked for and each of its tasks alone, over several seeds, or what is still to be
 * done of it. Returns the exit code: 0, 1 when a run failed, 130 when it was interrupted.
 */
export async function compare(loaded: LoadedExperiment, { out, json, ...asked }: CompareOptions): Promise<number> {
  const { experiment, file } = loaded;
  if (experiment.base !== undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['base'])}: \`banyan compare\` trains from scratch, expected no base, received ${experiment.base}. Remove it.`,
    );
  }
  // A run would name its own file, not the user's.
  const plugins = await loadPluginsOf(loaded);
  const tasks = pickTasks(loaded, plugins);
  const settled = await settle(experiment, tasks, out === undefined ? undefined : await readComparison(out));
  const plan = planComparison(settled, asked, plugins.container);
  const folder = out ?? (await createRunFolder(experiment.name, undefined));
  await makeFolder(folder);
  return whileLocked(folder, async () => {
    await openComparison(folder, settled);
    return performAll({ experiment: settled, plan, folder, file, asked, json });
  });
}

interface Comparison {
  readonly experiment: CheckedExperiment;
  readonly plan: ComparisonPlan;
  readonly folder: string;
  readonly file: string;
  readonly asked: ComparisonAsked;
  readonly json: boolean;
}

/** Performs all runs, tells what differs and writes it down. */
async function performAll({ experiment, plan, folder, file, asked, json }: Comparison): Promise<number> {
  const stopping = new AbortController();
  const release = onSignal((signal) => stopping.abort(signal));
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const results = new Map<string, MeasuredRun>();
  const failed: Record<string, string> = {};
  let [performed, milliseconds] = [0, 0];
  try {
    for (const [i, run] of plan.runs.entries()) {
      // One of its runs is missing already: it is not compared.
      if (run.candidate !== undefined && run.candidate.name in failed) continue;
      const begin = performance.now();
      const ending = await judged(performRun(folder, experiment, run, stopping.signal), run, plan.tasks);
      if (ending.kind === 'interrupted') {
        say(`\nInterrupted after ${i} of ${plan.runs.length} runs. ${goOn(file, folder, asked)}`);
        return INTERRUPTED;
      }
      if (ending.kind === 'failed') {
        // Without it nothing can be compared.
        if (run.candidate === undefined || run.candidate === plan.candidates[0])
          throw new BanyanError('experiment', `${runText(run)} failed: ${ending.message}`);
        failed[run.candidate.name] = ending.message;
        say(`${counted(i, plan.runs.length)}  ${runText(run)} failed: ${ending.message}`);
        continue;
      }
      results.set(run.name, ending.result);
      const taken = performance.now() - begin;
      // What was there already takes no time.
      if (taken > READ) [performed, milliseconds] = [performed + 1, milliseconds + taken];
      const left = plan.runs.length - i - 1;
      const more = left > 0 && performed > 0 ? `, about ${formatDuration((milliseconds / performed) * left)} left` : '';
      const seconds = `${ending.result.seconds.toFixed(1)} s`;
      say(`${counted(i, plan.runs.length)}  ${runText(run)}: ${ending.figures}, ${seconds}${more}`);
    }
  } finally {
    release();
  }
  const result = summariseComparison(experiment.name, plan, results, failed);
  const paths = comparisonPaths(folder);
  await writePage(paths.page, result);
  await writeWhole(paths.result, result);
  process.stdout.write(
    json
      ? `${JSON.stringify(result, null, 2)}\n`
      : `\n${comparisonText(result)}\n\nAll runs are in ${folder}, pictures in ${paths.page}\n`,
  );
  return Object.keys(failed).length === 0 ? 0 : 1;
}

const counted = (i: number, all: number) => `${String(i + 1).padStart(String(all).length)}/${all}`;
const runText = ({ seed, alone, candidate }: Run) => `seed ${seed} · ${candidate?.name ?? `${alone} alone`}`;
const goOn = (file: string, folder: string, { methods, sharing, seeds }: ComparisonAsked) =>
  `Go on with: banyan compare ${file} --methods ${methods.join(',')}${sharing === undefined ? '' : ` --sharing ${sharing.join(',')}`} --seeds ${seeds} --out ${folder}`;

/**
 * With the number of steps that its epochs mean for all tasks together, which a task alone takes too; and with as many threads as
 * the folder's runs were made with, unless it says how many.
 */
async function settle(
  experiment: CheckedExperiment,
  tasks: readonly AnyTask[],
  before: CheckedExperiment | undefined,
): Promise<CheckedExperiment> {
  for (const { source } of tasks) await source.open?.();
  const {
    epochs,
    steps,
    batch,
    threads = before?.training.threads ?? availableParallelism(),
    ...rest
  } = experiment.training;
  const length = epochs === undefined ? { steps: steps! } : { epochs };
  const checked = checkOptions(
    { ...length, batch },
    tasks.map((task) => ({ name: task.name, definition: task })),
  );
  return { ...experiment, training: { steps: checked.steps, batch, threads, ...rest } };
}

/** What a run reached, in words; one whose figures cannot be compared has failed. */
async function judged(ending: Promise<Ending>, run: Run, tasks: readonly string[]) {
  const ended = await ending;
  if (ended.kind !== 'done') return ended;
  const own = run.alone === undefined ? tasks : [run.alone];
  try {
    const figures = own.map((task) => {
      const value = reached(ended.result, task);
      // Delta-m is a share of it.
      if (run.alone !== undefined) deltaM([{ baseline: value, multiTask: value, higherIsBetter: true }]);
      return `${task} ${ended.result.leading[task]!.metric} ${value.toFixed(3)}`;
    });
    return { ...ended, figures: figures.join(', ') };
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    return { kind: 'failed', message: error.message } as const;
  }
}

import { BanyanError } from '../../error.ts';
import { formatDuration } from '../../report/index.ts';
import type { LoadedExperiment } from '../experiment/load.ts';
import { loadPlugins } from '../plugins/load.ts';
import { pickTasks } from '../plugins/pick.ts';
import { createRunFolder, type RunResult, writeWhole } from '../run/folder.ts';
import { comparisonPaths, openComparison } from './folder.ts';
import { writePage } from './page.ts';
import { performRun } from './perform.ts';
import { type ComparisonAsked, planComparison, type Run } from './plan.ts';
import { reached, summariseComparison } from './result.ts';
import { comparisonText } from './tables.ts';

const INTERRUPTED = 130;

export interface CompareOptions extends ComparisonAsked {
  readonly out?: string;
  readonly json: boolean;
}

/**
 * Trains an experiment in each way that is asked for and each of its tasks alone, over several seeds, or what is still to be done of it. Returns
 * the exit code: 0, 1 when a run failed, 130 when it was interrupted.
 */
export async function compare(loaded: LoadedExperiment, { out, json, ...asked }: CompareOptions): Promise<number> {
  const { experiment, file } = loaded;
  if (experiment.base !== undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['base'])}: \`banyan compare\` trains from scratch, expected no base, received ${experiment.base}. Remove it.`,
    );
  }
  const plan = planComparison(experiment, asked);
  // A run would name its own file, not the user's.
  pickTasks(loaded, await loadPlugins(experiment.plugins));
  const folder = out ?? (await createRunFolder(experiment.name, undefined));
  await openComparison(folder, experiment);

  let interrupted = false;
  let kill: (signal: NodeJS.Signals) => void = () => {};
  const stop = (signal: NodeJS.Signals) => {
    interrupted = true;
    // Ctrl-C reaches the run by itself.
    if (signal !== 'SIGINT') kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const results = new Map<string, RunResult>();
  const failed: Record<string, string> = {};
  const begin = performance.now();
  let performed = 0;
  try {
    for (const [i, run] of plan.runs.entries()) {
      const start = performance.now();
      const ending = interrupted
        ? ({ kind: 'interrupted' } as const)
        : await performRun(folder, experiment, run, (by) => (kill = by));
      if (ending.kind === 'interrupted') {
        say(`\nInterrupted after ${i} of ${plan.runs.length} runs. ${goOn(file, folder, asked)}`);
        return INTERRUPTED;
      }
      if (ending.kind === 'failed') {
        // Without it nothing can be compared.
        if (run.candidate === undefined) throw new BanyanError('experiment', `${run.name}: ${ending.message}`);
        failed[run.candidate.name] ??= ending.message;
        say(`${counted(i, plan.runs.length)}  ${runText(run)} failed: ${ending.message}`);
        continue;
      }
      results.set(run.name, ending.result);
      const figures = reachedText(run, plan.tasks, ending.result);
      // What was there already takes no time.
      if (performance.now() - start > 200) performed++;
      const left = plan.runs.length - i - 1;
      const pace = (performance.now() - begin) / Math.max(1, performed);
      say(
        `${counted(i, plan.runs.length)}  ${runText(run)}: ${figures}, ${ending.result.seconds.toFixed(1)} s${left > 0 && performed > 0 ? `, about ${formatDuration(pace * left)} left` : ''}`,
      );
    }
  } finally {
    for (const signal of signals) process.off(signal, stop);
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

function reachedText({ alone }: Run, tasks: readonly string[], result: RunResult): string {
  return (alone === undefined ? tasks : [alone])
    .map((task) => `${task} ${result.leading[task]?.metric ?? ''} ${reached(result, task).toFixed(3)}`)
    .join(', ');
}

import { rm } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { type CheckedExperiment, loadExperiment } from '../../experiment/load.ts';
import { whileLocked } from '../lock/lock.ts';
import { programBeside } from '../process/start.ts';
import { type ChildEnding, SupervisedChild } from '../process/supervised-child.ts';
import { exists, writeJson } from '../records/json.ts';
import { experimentDifferences } from '../run/differences.ts';
import { INTERRUPTED } from '../run/guard.ts';
import { runPaths } from '../run/paths.ts';
import { type RunCost, type RunResult, readCost, readResult } from '../run/result.ts';
import { type Ending, Interrupted, type RunControl } from '../study.ts';
import { comparisonPaths } from './folder.ts';

/** Milliseconds that what a killed comparison has started may take to end. */
const ORPHANED = 30_000;
const SIGNALS: readonly unknown[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const TRAINER = programBeside(import.meta.url, '../run/trainer');

/** What a run reached, and what it took. */
export type MeasuredRun = RunResult & RunCost;

/**
 * Reads what a run of a comparison reached; undefined for one that is not complete.
 * @throws BanyanError `experiment` where its folder holds another run.
 */
export async function storedRun(
  folder: string,
  name: string,
  experiment: CheckedExperiment,
): Promise<MeasuredRun | undefined> {
  const paths = comparisonPaths(folder);
  const run = paths.run(name);
  if (!(await exists(runPaths(run).experiment))) return undefined;
  await assertSame(run, experiment);
  const result = await readResult(run);
  if (result === undefined) return undefined;
  // A complete run needs none of that, and there are many runs.
  await rm(paths.pendingExperiment(name), { force: true });
  await rm(runPaths(run).checkpoints, { recursive: true, force: true });
  return { ...result, ...(await readCost(run)) };
}

/**
 * Trains a run, or goes on with it, in a process of its own: what it holds in memory is measured for it alone, and one that fails takes no
 * other with it. The name of a signal that the control is aborted with goes on to that process.
 */
export async function trainInChild(
  folder: string,
  name: string,
  experiment: CheckedExperiment,
  control: RunControl,
): Promise<Ending<MeasuredRun>> {
  const paths = comparisonPaths(folder);
  const [run, pending] = [paths.run(name), paths.pendingExperiment(name)];
  if (await exists(run)) await whileLocked(run, async () => {}, ORPHANED);
  const before = await storedRun(folder, name, experiment);
  if (before !== undefined) return { kind: 'done', outcome: before };
  const resumed = await exists(runPaths(run).experiment);
  if (!resumed) await writeJson(pending, experiment);
  const { code, signal, stderr } = await runTrainer(resumed ? ['resume', run] : ['train', pending, run], control);
  // A signal may come before there is anything to leave behind, or to the run alone.
  const ended = control.signal.aborted || SIGNALS.includes(signal);
  if (code === INTERRUPTED || (code !== 0 && ended)) throw new Interrupted();
  if (code === 0) return { kind: 'done', outcome: (await storedRun(folder, name, experiment))! };
  await rm(pending, { force: true });
  const message = stderr.trim().replace(/^error: /, '') || `it ended with ${signal ?? `exit code ${code}`}`;
  return { kind: 'failed', message: message.replaceAll(pending, name) };
}

async function assertSame(run: string, wanted: CheckedExperiment): Promise<void> {
  const { experiment } = await loadExperiment(runPaths(run).experiment);
  const differences = experimentDifferences(experiment, wanted);
  if (differences.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${run} holds another run: ${differences.join('; ')}. Expected one of this comparison. Remove it.`,
  );
}

/** Performs a run by the trainer, which ends with this process, however that ends. */
async function runTrainer(
  args: readonly string[],
  { signal, notice }: RunControl,
): Promise<ChildEnding & { readonly stderr: string }> {
  if (signal.aborted) throw new Interrupted();
  let stderr = '';
  const child = new SupervisedChild({ program: TRAINER, args, stdio: ['ignore', 'ignore', 'pipe'] }, notice);
  const pass = () => child.pass(SIGNALS.includes(signal.reason) ? (signal.reason as NodeJS.Signals) : 'SIGTERM');
  signal.addEventListener('abort', pass);
  child.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ending = await child.ended.finally(() => signal.removeEventListener('abort', pass));
  return { ...ending, stderr };
}

import { rm } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { type CheckedExperiment, loadExperiment } from '../../experiment/load.ts';
import { whileLocked } from '../lock/lock.ts';
import { type Ending as Ended, SupervisedBanyan } from '../process/supervised.ts';
import { experimentDifferences } from '../run/differences.ts';
import { exists, type RunCost, type RunResult, readCost, readResult, runPaths, writeWhole } from '../run/folder.ts';
import { comparisonPaths } from './folder.ts';
import { experimentOf, type Run } from './plan.ts';

const INTERRUPTED = 130;
/** Milliseconds that what a killed comparison has started may take to end. */
const ORPHANED = 30_000;

/** What a run reached, and what it took. */
export type MeasuredRun = RunResult & RunCost;

/** How a run ended: with its result, not at all (interrupted), or badly, with what it said. */
export type Ending =
  | { readonly kind: 'done'; readonly result: MeasuredRun }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Trains by `banyan train` or, where it was interrupted, `banyan resume`, in a process of its own: what it holds in memory is
 * its own, and one that fails takes no other with it. `stopped` is aborted with the name of a signal, which goes on to it.
 * @throws BanyanError `experiment` where its folder holds another run.
 */
export async function performRun(
  folder: string,
  experiment: CheckedExperiment,
  run: Run,
  stopped: AbortSignal,
): Promise<Ending> {
  const paths = comparisonPaths(folder);
  const [own, order] = [paths.run(run.name), paths.pendingExperiment(run.name)];
  const wanted = experimentOf(experiment, run);
  if (await exists(own)) await whileLocked(own, async () => {}, ORPHANED);
  const resumed = await exists(runPaths(own).experiment);
  // So its plugins are those of the user's file.
  if (resumed) await assertSame(own, wanted);
  else await writeWhole(order, wanted);
  if ((await readResult(own)) === undefined) {
    const { code, signal, stderr } = await banyan(
      resumed ? ['resume', own, '--trust'] : ['train', order, '--out', own],
      stopped,
    );
    // A signal may come before there is anything to leave behind, or to the run alone.
    const ended = stopped.aborted || signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP';
    if (code === INTERRUPTED || (code !== 0 && ended)) return { kind: 'interrupted' };
    if (code !== 0) {
      await rm(order, { force: true });
      const message = stderr.trim().replace(/^error: /, '') || `it ended with ${signal ?? `exit code ${code}`}`;
      return { kind: 'failed', message: message.replaceAll(order, run.name) };
    }
  }
  // A finished run needs none of that, and there are many runs.
  await rm(order, { force: true });
  await rm(runPaths(own).checkpoints, { recursive: true, force: true });
  return { kind: 'done', result: { ...(await readResult(own))!, ...(await readCost(own)) } };
}

async function assertSame(folder: string, wanted: CheckedExperiment): Promise<void> {
  const { experiment: before } = await loadExperiment(runPaths(folder).experiment);
  const others = experimentDifferences(before, wanted);
  if (others.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${folder} holds another run: ${others.join('; ')}. Expected one of this comparison. Remove it.`,
  );
}

/** The same program, once more; it ends with this one, however that ends. */
async function banyan(args: readonly string[], stopped: AbortSignal): Promise<Ended & { readonly stderr: string }> {
  if (stopped.aborted) return { code: INTERRUPTED, signal: null, stderr: '' };
  let stderr = '';
  const child = new SupervisedBanyan(args, ['ignore', 'ignore', 'pipe'], (text) => {
    process.stderr.write(`\n${text}\n`);
  });
  const pass = () => child.pass(stopped.reason as NodeJS.Signals);
  stopped.addEventListener('abort', pass);
  child.process.stderr!.setEncoding('utf8').on('data', (more: string) => {
    stderr += more;
  });
  const ended = await child.ended.finally(() => stopped.removeEventListener('abort', pass));
  return { ...ended, stderr };
}

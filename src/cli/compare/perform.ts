import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import type { CheckedExperiment } from '../experiment/load.ts';
import { type RunResult, readResult, runPaths, writeWhole } from '../run/folder.ts';
import { comparisonPaths } from './folder.ts';
import { experimentOf, type Run } from './plan.ts';

const INTERRUPTED = 130;

/** How a run ended: with its result, not at all (interrupted), or badly, with what it said. */
export type Ending =
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Trains by `banyan train` or, where it was interrupted, `banyan resume`, in a process of its own: what it holds in memory is
 * its own, and one that fails takes no other with it. `begun` hears of the process.
 * @throws BanyanError `experiment` where a run cannot start: nor can the others.
 */
export async function performRun(
  folder: string,
  experiment: CheckedExperiment,
  run: Run,
  begun: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ending> {
  const paths = comparisonPaths(folder);
  const own = paths.run(run.name);
  const before = await readResult(own);
  if (before !== undefined) return { kind: 'done', result: before };
  const resumed = existsSync(runPaths(own).experiment);
  if (!resumed) await writeWhole(paths.order, experimentOf(experiment, run));
  const { code, signal, stderr } = await banyan(
    resumed ? ['resume', own] : ['train', paths.order, '--out', own],
    begun,
  );
  await rm(paths.order, { force: true });
  // A signal may come before there is anything to leave behind.
  if (code === INTERRUPTED || signal === 'SIGINT' || signal === 'SIGTERM') return { kind: 'interrupted' };
  const result = await readResult(own);
  if (code === 0 && result !== undefined) {
    // A finished run needs none, and there are many runs.
    await rm(runPaths(own).checkpoints, { recursive: true, force: true });
    return { kind: 'done', result };
  }
  const message = stderr.trim().replace(/^error: /, '') || `it ended with ${signal ?? `exit code ${code}`}`;
  if (existsSync(runPaths(own).experiment)) return { kind: 'failed', message };
  throw new BanyanError('experiment', message);
}

/** The same program, once more. Ctrl-C reaches it by itself, as one of the terminal's group. */
function banyan(
  args: readonly string[],
  begun: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (more) => (stderr += more));
  begun((signal) => child.kill(signal));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, stderr }));
  });
}

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Libc, loadLibc } from './libc.ts';
import { inTurn, setEnvironment } from './process.ts';

/**
 * Runs `work` with the process's standard error kept aside, and appends what was said to an error it throws.
 * TensorFlow writes lines there at load and at first use that no log level stops: they come from C++, so only the file
 * descriptor itself can be turned away. Who sets TF_CPP_MIN_LOG_LEVEL wants to read them, and does. One thread at a time:
 * the descriptor is the process's.
 */
export const quietly = <T>(work: () => T): T => inTurn(() => quietlyAlone(work));

function quietlyAlone<T>(work: () => T): T {
  const level = process.env.TF_CPP_MIN_LOG_LEVEL;
  if (level !== undefined) return work();
  let libc: Libc;
  let folder: string;
  try {
    libc = loadLibc();
    folder = mkdtempSync(join(tmpdir(), 'banyan-'));
  } catch {
    return work(); // Lines on the screen are better than no TensorFlow.
  }
  const path = join(folder, 'stderr');
  const aside = openSync(path, 'w');
  const saved = libc.dup(2);
  setEnvironment('TF_CPP_MIN_LOG_LEVEL', '2');
  libc.dup2(aside, 2);
  try {
    return work();
  } catch (error) {
    const said = readFileSync(path, 'utf8').trim().split('\n').at(-1);
    if (said && error instanceof Error) error.message += ` (${said.slice(0, 400)})`;
    throw error;
  } finally {
    libc.dup2(saved, 2);
    libc.close(saved);
    closeSync(aside);
    rmSync(folder, { recursive: true, force: true });
    setEnvironment('TF_CPP_MIN_LOG_LEVEL', undefined);
  }
}

// A program that is started again and again, however it ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { builtCommand, root } from '../repository.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  /** It is killed after so many milliseconds, with all processes that it has started. */
  readonly killAfter?: number | undefined;
}

/** Runs the built `banyan`. */
export function banyan(args: readonly string[], { env = {}, killAfter }: Start = {}): Promise<Ended> {
  const child = spawn(process.execPath, [builtCommand, ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const timer = killAfter === undefined ? undefined : setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), killAfter);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', async (code, signal) => {
      clearTimeout(timer);
      // Children of a killed program may hold its output open.
      await Promise.race([once(child, 'close'), wait(500)]);
      done({ code, signal, stdout, stderr });
    });
  });
}

/** Does all of the work, so many at once. */
export async function atOnce<T>(count: number, all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let each = left.shift(); each !== undefined; each = left.shift()) await work(each);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** At most `count` of them, evenly spaced, the first and the last among them. */
export function evenly<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))]!);
}

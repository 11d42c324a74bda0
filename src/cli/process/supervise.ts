import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BanyanError } from '../../error.ts';
import { collectSooner } from '../../study/process/heap.ts';
import { hasParent } from '../../study/process/parent.ts';
import { onSignal, TOGETHER } from '../../study/process/signals.ts';
import { programBeside } from '../../study/process/start.ts';
import { SupervisedChild } from '../../study/process/supervised-child.ts';

const SHOW_CURSOR = '\x1b[?25h';

/** Whoever asks for the end of a process by these knows of it. */
const ASKED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const REASONS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: ', as the system does when memory runs out',
  SIGABRT: ', as a process does that cannot go on (its memory may be used up)',
  SIGSEGV: ', a fault in native code',
  SIGBUS: ', a fault in native code',
  SIGILL: ', a fault in native code',
  SIGFPE: ', a fault in native code',
};

/**
 * Has the command done by a process of its own, and is true once that has ended; false in that process, which is to do it. This
 * one does nothing but watch: so it can say what is safe, and how to go on, when the other one cannot any more.
 */
export async function doneInChild(): Promise<boolean> {
  if (hasParent()) {
    collectSooner();
    return false;
  }
  process.exitCode = await supervise(process.argv.slice(2));
  return true;
}

/** Returns the exit code: the child's, or 128 and the number of the signal that ended it. */
async function supervise(args: readonly string[]): Promise<number> {
  const say = (text: string) => void process.stderr.write(`\n${text}\n`);
  const program = programBeside(import.meta.url, '../banyan');
  const child = new SupervisedChild({ program, args, stdio: ['inherit', 'inherit', 'inherit'] }, say);
  const release = onSignal((signal) => child.pass(signal));
  const { code, signal } = await child.ended.catch((cause: Error) => {
    throw new BanyanError(
      'runtime',
      `A process for \`banyan ${args[0]}\` could not be started: ${cause.message}. Expected room for one more. End others, and try again.`,
      { cause },
    );
  });
  // Of several signals that come together the last may find the child gone: it must not end this process.
  if (child.asked !== undefined) await sleep(TOGETHER);
  release();
  if (signal === null) return code!;
  if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
  const { asked, safety } = child;
  if (asked === undefined && !ASKED.includes(signal)) {
    const where = safety ?? 'Nothing was trained yet.';
    say(`The training was ended by ${signal}${REASONS[signal] ?? ''}. ${where}`);
  }
  return 128 + constants.signals[asked ?? signal];
}

import { dieWithParent } from '../../runtime/install/libc.ts';
import { PARENT, type ToParent } from './start.ts';

let started = false;

/**
 * Makes this process end when the one that started it by `startChild` does, even by SIGKILL: it could neither be stopped nor
 * be waited for any more. A process that was started otherwise stays as it is. For the beginning of a program.
 */
export function endWithParent(): void {
  const { [PARENT]: parent } = process.env;
  if (parent === undefined) return;
  delete process.env[PARENT]; // It is nothing to processes that this one starts.
  // Without a channel it was the bootstrap, which is to watch nobody.
  started = process.channel !== undefined;
  const end = () => process.kill(process.pid, 'SIGKILL');
  // The system sees to it also where no JavaScript runs any more; the channel where the system does not.
  dieWithParent();
  process.on('disconnect', end);
  process.channel?.unref(); // A process with nothing left to do ends.
  if (process.ppid !== Number(parent)) end();
}

/** Says whether `startChild` has started this process: then the two can talk. */
export const hasParent = (): boolean => started;

/** Tells the parent something; without one, nobody. */
export function tellParent(message: ToParent): void {
  if (started && process.connected) process.send!(message, undefined, undefined, () => {});
}

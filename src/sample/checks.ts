import { BanyanError } from '../error.ts';

/** @throws BanyanError `argument` for more tasks a step than there are. */
export function assertTaskCount(owner: string, tasks: number, all: number): void {
  if (tasks <= all) return;
  throw new BanyanError(
    'argument',
    `${owner}: tasks must be at most ${all}, the number of tasks that are trained, received ${tasks}. Lower it.`,
  );
}

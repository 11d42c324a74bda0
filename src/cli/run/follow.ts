import type { ClusterOptions } from '../../cluster/index.ts';
import { followRun } from '../../study/run/follow.ts';
import { performGuarded } from '../../study/run/guard.ts';
import type { RunOptions } from '../../study/run/run-event.ts';
import type { Session } from '../../study/run/session.ts';

/** Trains as a worker beside the chief, and returns the exit code. */
export function performFollowing(
  session: Session,
  cluster: ClusterOptions,
  { resize }: Pick<RunOptions, 'resize'>,
): Promise<number> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  return performGuarded((options) => followRun(session, cluster, { ...options, ...(resize && { resize }) }), {
    interrupting: (note) => say(note.ending),
    leaving: (note) => say(note.lost),
    interrupted: (note) => say(note.interrupted),
  });
}

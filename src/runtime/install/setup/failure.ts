import { BanyanError } from '../../../error.ts';
import { ToolError } from './tools.ts';

/**
 * A step of the set-up that failed, as the error the user reads. A full disk shows in our own writes as a code and in a
 * tool's only as text, and its mend is the same everywhere.
 */
export function stepFailed(step: string, error: unknown, mend: string): BanyanError {
  if (error instanceof BanyanError) return error;
  const said = error instanceof ToolError ? error.output : '';
  const message = error instanceof Error ? error.message : String(error);
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC' || /no space left on device|errno 28\b/i.test(said))
    return new BanyanError('runtime', `${step} failed because the disk is full. ${ROOM}`, { cause: error });
  const line = tellingLine(said);
  return new BanyanError('runtime', `${step} failed: ${message}${line && `: ${line}`}. ${mend}`, { cause: error });
}

const ROOM = 'Free some room, or set BANYAN_CACHE to a folder on another disk, and run `banyan setup` again.';

/** Finds the line that names the error in all that a tool said: the last marked one, else the last. */
function tellingLine(said: string): string {
  const lines = said.split('\n').flatMap((line) => line.trim() || []);
  const marked = lines.findLast((line) => /^error\b|\berror:/i.test(line));
  return (marked ?? lines.at(-1) ?? '').replace(/\.$/, '').slice(0, 400);
}

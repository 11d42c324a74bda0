import { type Stats, statSync } from 'node:fs';
import { BanyanError, type ErrorCode } from '../error.ts';
import { showBytes } from '../show.ts';

/** How large a file may be that is read whole, and what can be done about a larger one. */
export interface FileLimit {
  /** In bytes. */
  readonly most: number;
  readonly mend: string;
}

/**
 * Checks what is to be read before it is opened: a FIFO would wait for a writer, a device may never end, and a large file
 * would fill the memory. What else is wrong with it (it is not there, it is a folder) the reading tells.
 * @throws BanyanError `code`.
 */
export function assertFile(code: ErrorCode, path: string, limit?: FileLimit): void {
  let stats: Stats | undefined;
  try {
    stats = statSync(path);
  } catch {
    return;
  }
  const kind = specialKind(stats);
  if (kind !== undefined) {
    throw new BanyanError(
      code,
      `${path} is ${kind}, expected a regular file. Write what it gives into a file, and name that one.`,
    );
  }
  if (limit === undefined || !stats.isFile() || stats.size <= limit.most) return;
  throw new BanyanError(
    code,
    `${path} has ${showBytes(stats.size)}, expected at most ${showBytes(limit.most)}: it is read whole. ${limit.mend}`,
  );
}

/** What waits or has no end, in words; undefined for files and folders. */
function specialKind(stats: Stats): string | undefined {
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : undefined;
}

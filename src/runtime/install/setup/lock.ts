import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BanyanError } from '../../../error.ts';
import { tryFlock } from '../flock.ts';

/** Milliseconds after which a waiter says that it waits, whoever the holder is. */
const PATIENCE = 2000;

/**
 * Runs `work` while this process alone holds the folder's lock. The kernel holds it (flock) and lets it go when the
 * holder ends, however it ends: a dead holder cannot block, and there is no moment in which two take over from it, as
 * there is with process ids in a file. The id in the file is only for the message.
 */
export async function withLock<T>(folder: string, waiting: (pid: string) => void, work: () => Promise<T>): Promise<T> {
  const path = join(folder, 'lock');
  const file = openSync(path, 'a+');
  const begin = performance.now();
  try {
    let told = false;
    for (let code = tryFlock(file); code !== 0; code = tryFlock(file)) {
      if (code !== constants.errno.EAGAIN) throw new BanyanError('runtime', lockFailed(path, code));
      // A holder writes its id a moment after it has the lock: only one that never does stays unknown.
      const pid = readFileSync(path, 'utf8').trim();
      if (!told && (pid || performance.now() - begin > PATIENCE)) {
        waiting(pid || 'unknown');
        told = true;
      }
      await sleep(200);
    }
    ftruncateSync(file);
    writeSync(file, `${process.pid}\n`);
    return await work();
  } finally {
    closeSync(file);
  }
}

const lockFailed = (path: string, errno: number): string =>
  `${path} cannot be locked: expected a file system with file locks, the system answered error ${errno}. ` +
  'Set BANYAN_CACHE to a folder on a local disk.';

import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { tryFlock } from '../../runtime/install/flock.ts';
import type { Attempt } from './attempt.ts';
import { thisWriter, writerOf } from './writer.ts';

const NAME = '.lock';

/**
 * Takes a folder's lock from the kernel (flock(2)), which lets it go when its holder ends, however it ends: a dead one cannot block,
 * and there is no moment in which two take over from it. What the file says is for the error's text alone. Undefined where there are
 * no such locks: no koffi, another system, a file system without them.
 */
export function takeByKernel(folder: string): Attempt | undefined {
  const path = join(folder, NAME);
  const file = openSync(path, 'a+');
  let code: number | undefined;
  try {
    code = tryFlock(file);
  } catch {
    // No koffi, or no flock.
  }
  if (code === 0 && isAt(path, file)) {
    describe(file);
    return {
      release: () => {
        // While it is held: whoever has opened the same file meanwhile sees that it is not the one at the path.
        if (isAt(path, file)) rmSync(path);
        closeSync(file);
      },
    };
  }
  const text = code === undefined ? '' : readFileSync(file, 'utf8');
  closeSync(file);
  if (code === 0 || code === constants.errno.EAGAIN) return { writer: writerOf(text) };
  rmSync(path, { force: true });
  return undefined;
}

/** Says whether the file is still the one that others find at the path: a holder removes it as it goes. */
function isAt(path: string, file: number): boolean {
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  const held = fstatSync(file, { bigint: true });
  return there?.ino === held.ino && there.dev === held.dev;
}

function describe(file: number): void {
  try {
    ftruncateSync(file);
    writeSync(file, `${JSON.stringify(thisWriter())}\n`);
  } catch {
    // No room on the device: the lock holds without words.
  }
}

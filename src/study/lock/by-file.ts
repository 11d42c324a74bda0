import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt } from './attempt.ts';
import { isGone, thisWriter, writerOf } from './writer.ts';

const NAME = '.lock.pid';
/** Milliseconds after which a file without words is one whose maker was killed before it wrote any. */
const WORDLESS = 10_000;

/**
 * Takes a folder's lock where the kernel has none: a file that is made by one process alone and names it. It is stale when that
 * process is gone, which can be told on the same machine only.
 */
export function takeByFile(folder: string): Attempt {
  const path = join(folder, NAME);
  try {
    const file = openSync(path, 'wx');
    writeSync(file, `${JSON.stringify(thisWriter())}\n`);
    closeSync(file);
    return { release: () => rmSync(path, { force: true }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = textAt(path);
  const writer = writerOf(text ?? '');
  if (writer === undefined ? isOld(path) : isGone(writer)) removeStale(path, text);
  return { writer, path };
}

/** Removes a stale lock. Of several that find it stale one takes it away; who is late puts back what is there by then. */
function removeStale(path: string, text: string | undefined): void {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    renameSync(path, aside);
    if (textAt(aside) !== text) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    // Another process was faster.
  }
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isOld(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && Date.now() - there.mtimeMs > WORDLESS;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { BanyanError } from '../../error.ts';
import { clearUnfinished } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import type { Attempt } from './attempt.ts';
import { takeByFile } from './by-file.ts';
import { takeByKernel } from './by-kernel.ts';
import { type Writer, writerText } from './writer.ts';

/** Milliseconds that a killed process may take to go: its memory is freed before its locks. */
const PATIENCE = 3000;

/**
 * Does work that writes into a folder while no other process does such. The folder is there already; what killed writers have left
 * half written in it is removed first.
 * @throws BanyanError `busy`, with who writes there.
 */
export async function whileLocked<T>(folder: string, work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const release = await lockFolder(folder, patience);
  // A process that ends by itself leaves no lock's file behind.
  process.once('exit', release);
  try {
    await clearUnfinished(folder);
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function lockFolder(folder: string, patience: number): Promise<() => void> {
  const end = performance.now() + patience;
  for (;;) {
    const attempt = attemptAt(folder);
    if ('release' in attempt) return attempt.release;
    if (performance.now() >= end) throw new BanyanError('busy', busyText(folder, attempt.writer, attempt.path));
    await sleep(50);
  }
}

function attemptAt(folder: string): Attempt {
  try {
    return takeByKernel(folder) ?? takeByFile(folder);
  } catch (cause) {
    throw fileError('experiment', folder, 'written to', cause);
  }
}

const busyText = (folder: string, writer: Writer | undefined, path: string | undefined): string =>
  `${folder} is being written by ${writerText(writer)}, expected a folder that no other process writes to. Wait for it, or end it${path === undefined ? '' : `; if there is no such process any more, remove ${path}`}.`;

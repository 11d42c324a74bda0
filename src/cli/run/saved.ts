import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFolder } from '../../checkpoint/index.ts';
import type { NetworkDescription } from '../../network/index.ts';
import { runPaths } from './folder.ts';

/** Folders of a run's checkpoints, the newest first. */
export async function checkpointsOf(folder: string): Promise<string[]> {
  const { checkpoints } = runPaths(folder);
  const names = await readdir(checkpoints).catch(() => []);
  return names
    .filter((name) => /^step-\d+$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(checkpoints, name));
}

/** A network on disk, whole. */
export interface SavedNetwork {
  readonly path: string;
  readonly tasks: NetworkDescription['tasks'];
}

/** The network in a folder: a run's trained one, else that of its newest whole checkpoint, else the folder's own. */
export async function findSaved(folder: string): Promise<SavedNetwork | undefined> {
  for (const path of [runPaths(folder).network, ...(await checkpointsOf(folder)), folder]) {
    const content = await readFolder(path).then(
      (read) => read.content as unknown as NetworkDescription,
      () => undefined,
    );
    if (content !== undefined) return { path, tasks: content.tasks };
  }
  return undefined;
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSaved, MANIFEST, readFolder } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { unlessMissing } from '../../files/unless-missing.ts';
import { type NetworkDescription, networkDescription } from '../../network/index.ts';
import { checkpointsIn } from '../../train/index.ts';
import { runPaths } from './paths.ts';

/** Lists the folders of a run's checkpoints, the newest first. */
export const checkpointsOf = (folder: string): Promise<string[]> => checkpointsIn(runPaths(folder).checkpoints);

/** Where a network may lie in a folder, the one first that counts. */
const placesIn = async (folder: string): Promise<readonly string[]> => [
  runPaths(folder).network,
  ...(await checkpointsOf(folder)),
  folder,
];

/**
 * Names the network that counts in a folder by what the file system says of it, without reading it: another name, and another network was
 * written. Undefined where there is none now, as for the moment in which it is replaced.
 */
export async function markOfSaved(folder: string): Promise<string | undefined> {
  for (const path of await placesIn(folder)) {
    const found = await unlessMissing(stat(join(path, MANIFEST)), undefined);
    if (found !== undefined) return `${path} ${found.ino} ${found.mtimeMs}`;
  }
  return undefined;
}

/** A network on disk, whole. */
export interface SavedNetwork {
  readonly path: string;
  readonly tasks: NetworkDescription['tasks'];
}

/**
 * Finds the network in a folder: a run's trained one, else that of its newest whole checkpoint, else the folder's own; undefined where
 * none was saved. What is damaged is passed over with a warning.
 * @throws BanyanError `checkpoint` where none of those that were saved is whole.
 */
export async function findSaved(folder: string): Promise<SavedNetwork | undefined> {
  const damaged: string[] = [];
  for (const path of await placesIn(folder)) {
    if (!(await isSaved(path))) continue;
    try {
      const { tasks } = networkDescription((await readFolder(path)).content, path);
      for (const why of damaged) {
        process.emitWarning(
          `A saved network is damaged and is passed over: ${why} In its place stands an older one, ${path}.`,
          'BanyanWarning',
        );
      }
      return { path, tasks };
    } catch (error) {
      if (!(error instanceof BanyanError && error.code === 'checkpoint')) throw error;
      damaged.push(error.message);
    }
  }
  if (damaged.length === 0) return undefined;
  throw new BanyanError('checkpoint', `${folder} holds no whole network. ${damaged.join(' ')}`);
}

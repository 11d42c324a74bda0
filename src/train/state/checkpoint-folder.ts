import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import { namesIn } from '../../files/unless-missing.ts';

// The newest may be damaged by the disk; the one before it is kept for that.
const CHECKPOINTS_KEPT = 2;

const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
const stepOf = (name: string) => Number(/^step-(\d{8,15})$/.exec(name)?.[1] ?? Number.NaN);

/** Folder of the checkpoint that is written after a step. */
export const checkpointPath = (folder: string, step: number): string => join(folder, nameOf(step));

/** Lists the steps after which a checkpoint stands in the folder, the newest first; none where the folder is missing. */
export async function stepsIn(folder: string): Promise<readonly number[]> {
  const names = await namesIn(folder).catch((error) => {
    throw fileError('checkpoint', folder, 'read', error);
  });
  return names
    .map(stepOf)
    .filter((step) => !Number.isNaN(step))
    .sort((a, b) => b - a);
}

/**
 * Lists the folders of a training's checkpoints, the newest first; none where the folder is missing.
 * @throws BanyanError `checkpoint` where it cannot be read.
 */
export const checkpointsIn = async (folder: string): Promise<string[]> =>
  (await stepsIn(folder)).map((step) => checkpointPath(folder, step));

/** @throws BanyanError `checkpoint` for a folder with checkpoints of another training: a new one would mix with them. */
export async function assertNoCheckpoints(folder: string): Promise<void> {
  const [newest] = await stepsIn(folder);
  if (newest === undefined) return;
  throw new BanyanError(
    'checkpoint',
    `${folder} holds checkpoints of another training (${nameOf(newest)}), expected a folder without any. Resume that training, or choose another folder.`,
  );
}

/** Removes the checkpoints that the one after `step`, the newest, makes superfluous. */
export async function removeOldCheckpoints(folder: string, step: number): Promise<void> {
  const steps = await stepsIn(folder);
  // A later one is damaged, or the training would have gone on from it.
  const later = steps.filter((other) => other > step);
  for (const old of [...later, ...steps.slice(later.length + CHECKPOINTS_KEPT)])
    await rm(checkpointPath(folder, old), { recursive: true, force: true });
}

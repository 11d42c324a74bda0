import { join } from 'node:path';
import { MANIFEST } from '../../checkpoint/index.ts';
import { isThere } from '../../files/unless-missing.ts';
import type { WeightFile } from '../weight-file.ts';
import { openSafetensors } from './safetensors.ts';

const WEIGHTS = 'weights.safetensors';

/** Finds the saved network in a folder: the folder itself, or that of a run; undefined where it holds none. */
export async function networkIn(folder: string): Promise<string | undefined> {
  for (const place of [folder, join(folder, 'network')]) if (await isThere(join(place, MANIFEST))) return place;
  return undefined;
}

/** Opens the weights of a network that was saved by this package. */
export const openBanyan = (folder: string): Promise<WeightFile> => openSafetensors(join(folder, WEIGHTS), 'banyan');

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import { isThere } from '../../files/unless-missing.ts';
import type { WeightFile } from '../weight-file.ts';
import { networkIn, openBanyan } from './banyan.ts';
import { openKerasArchive, openKerasWeights } from './keras.ts';
import { INDEX, openSafetensors, openShards } from './safetensors.ts';
import { openTfjs } from './tfjs.ts';

const BY_ENDING: readonly (readonly [ending: string, open: (path: string) => Promise<WeightFile>])[] = [
  [INDEX, openShards],
  ['.safetensors', openSafetensors],
  ['.weights.h5', openKerasWeights],
  ['.keras', openKerasArchive],
  ['.json', openTfjs],
];

/**
 * Opens a saved model's weights, by what its name ends with; of a folder, the network or the model in it.
 * @throws BanyanError `checkpoint` for what is no such file, or is damaged.
 */
export async function openWeights(path: string): Promise<WeightFile> {
  const stats = await stat(path).catch((cause) => {
    throw fileError('checkpoint', path, 'read', cause);
  });
  if (stats.isDirectory()) return openFolder(path);
  const open = BY_ENDING.find(([ending]) => path.endsWith(ending))?.[1];
  if (open !== undefined) return open(path);
  throw new BanyanError(
    'checkpoint',
    `${path} is no file of weights that can be read. Expected a name that ends with ${BY_ENDING.map(([ending]) => ending).join(', ')}, or the folder of a saved network. Save the model in one of these forms.`,
  );
}

async function openFolder(folder: string): Promise<WeightFile> {
  const network = await networkIn(folder);
  if (network !== undefined) return openBanyan(network);
  const [index, whole] = [join(folder, `model${INDEX}`), join(folder, 'model.safetensors')];
  if (await isThere(index)) return openShards(index);
  if (await isThere(whole)) return openSafetensors(whole);
  throw new BanyanError(
    'checkpoint',
    `${folder} holds neither a saved network nor a model.safetensors, expected one of them. Give the file of the weights.`,
  );
}

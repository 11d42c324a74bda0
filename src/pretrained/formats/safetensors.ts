import { z } from 'zod';
import {
  checked,
  decodeTensor,
  headerLength,
  LENGTH_BYTES,
  readHeader,
  type TensorPlace,
} from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { RangeFile } from '../../files/range-file.ts';
import type { WeightFile, WeightTensor } from '../weight-file.ts';
import { beside } from './beside.ts';
import { readJsonFile } from './json-file.ts';

/** The ending of the file that says in which of several files a tensor lies. */
export const INDEX = '.safetensors.index.json';

/** Opens a file of the safetensors format, of which the header is read, and then what is asked for. */
export async function openSafetensors(path: string, format: WeightFile['format'] = 'safetensors'): Promise<WeightFile> {
  const file = await RangeFile.open('checkpoint', path);
  try {
    const tensors = await tensorsIn(file);
    return { path, format, files: [path], tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function tensorsIn(file: RangeFile): Promise<Map<string, WeightTensor>> {
  const { path, size } = file;
  const first = await file.read(0, Math.min(LENGTH_BYTES, size));
  const header = await file.read(LENGTH_BYTES, headerLength(first, size, path));
  const { places, start } = readHeader(header, size, path);
  const read = async (place: TensorPlace) => {
    const values = decodeTensor(place, await file.read(start + place.begin, place.end - place.begin), path);
    return values instanceof Float32Array ? values : Float32Array.from(values);
  };
  return new Map(places.map((place) => [place.name, { shape: place.shape, read: () => read(place) }]));
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string(), 'expected a file for each tensor') });

/**
 * Opens what was saved in several files, by the index that says which tensor lies in which of them.
 * @throws BanyanError `checkpoint` for a tensor that is not where the index says, or that the index has not.
 */
export async function openShards(path: string): Promise<WeightFile> {
  const { weight_map: fileOf } = checked(indexSchema, await readJsonFile(path), path);
  const names = [...new Set(Object.values(fileOf))].sort();
  const shards = new Map<string, WeightFile>();
  const close = async () => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    for (const name of names) {
      shards.set(name, await openSafetensors(beside(path, name)));
    }
    const tensors = Object.entries(fileOf).map(([tensor, name]) => {
      const { tensors, path: file } = shards.get(name)!;
      const found = tensors.get(tensor);
      if (found === undefined) throw mismatch(path, `says that "${tensor}" is in ${file}, which does not have it`);
      return [tensor, found] as const;
    });
    for (const [name, shard] of shards) {
      const stranger = [...shard.tensors.keys()].find((tensor) => fileOf[tensor] !== name);
      if (stranger !== undefined) throw mismatch(path, `does not say that "${stranger}" is in ${shard.path}`);
    }
    const files = [path, ...[...shards.values()].map((shard) => shard.path)];
    return { path, format: 'safetensors', files, tensors: new Map(tensors), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const mismatch = (path: string, what: string) =>
  new BanyanError('checkpoint', `${path} ${what}. Expected an index and files of one model. Fetch all of them again.`);

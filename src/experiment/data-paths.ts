import { resolve } from 'node:path';
import type { Experiment } from './schema.ts';

type Data = NonNullable<Experiment['data']>;

/** What an experiment says of data, with paths from its own folder made whole. */
export function resolveData(data: Data, folder: string): Data {
  return Object.fromEntries(
    Object.entries(data).map(([name, { file, folder: pictures, ...rest }]) => [
      name,
      {
        ...(file === undefined ? {} : { file: resolveFiles(file, folder) }),
        ...(pictures === undefined ? {} : { folder: resolve(folder, pictures) }),
        ...rest,
      },
    ]),
  );
}

type Files = NonNullable<Data[string]['file']>;

const resolveFiles = (file: Files, folder: string): Files =>
  typeof file === 'string'
    ? resolve(folder, file)
    : (Object.fromEntries(
        Object.entries(file).map(([split, path]) => [split, path && resolve(folder, path)]),
      ) as Files);

import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { findData } from '../data/index.ts';
import { archiveIn } from '../data/table/open-folder.ts';
import type { Experiment } from './schema.ts';

type Data = NonNullable<Experiment['data']>;

/**
 * What an experiment says of data, with paths made whole: from its own folder, or, where nothing lies there, from the places of data sets
 * (`BANYAN_DATA`).
 */
export function resolveData(data: Data, folder: string): Data {
  return Object.fromEntries(
    Object.entries(data).map(([name, { file, folder: pictures, ...rest }]) => [
      name,
      {
        ...(file === undefined ? {} : { file: resolveFiles(file, folder) }),
        ...(pictures === undefined ? {} : { folder: placeOf(pictures, folder) }),
        ...rest,
      },
    ]),
  );
}

function placeOf(path: string, folder: string): string {
  const { archive = path, inside } = archiveIn(path);
  const beside = resolve(folder, archive);
  const found = existsSync(beside) || isAbsolute(archive) ? beside : (findData(archive) ?? beside);
  return join(found, ...inside);
}

type Files = NonNullable<Data[string]['file']>;

const resolveFiles = (file: Files, folder: string): Files =>
  typeof file === 'string'
    ? placeOf(file, folder)
    : (Object.fromEntries(
        Object.entries(file).map(([split, path]) => [split, path && placeOf(path, folder)]),
      ) as Files);

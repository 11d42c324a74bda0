import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BanyanError } from '../error.ts';
import type { SourceFacts } from '../task/source.ts';

/**
 * Lists where data sets are looked for, in this order: read when called, relative to the working directory.
 * @throws BanyanError `data` where BANYAN_DATA names no folder that can be read: whoever sets it means it.
 */
export function dataPlaces(): readonly string[] {
  const chosen = process.env.BANYAN_DATA;
  if (!chosen) return ['./data', '../shared/data'];
  try {
    readdirSync(chosen);
  } catch (cause) {
    throw new BanyanError(
      'data',
      `BANYAN_DATA is set to ${chosen}, expected a folder that can be read, received ${(cause as Error).message}. Set it to the folder that holds the data sets, or unset it.`,
      { cause },
    );
  }
  return [chosen, './data', '../shared/data'];
}

/** Finds the path of a data set's folder (such as `vision/mnist`); it is undefined where no place holds it. */
export function findData(folder: string): string | undefined {
  return dataPlaces()
    .map((place) => resolve(place, folder))
    .find((path) => existsSync(path));
}

/** Says what to tell a user who lacks a data set. */
export function missingData(folder: string): string {
  const places = dataPlaces().map((place) => join(place, folder));
  const unset = process.env.BANYAN_DATA ? '' : ' (BANYAN_DATA is not set)';
  return `The data set "${folder}" was not found: expected its folder in one of ${places.join(', ')}${unset}, received none. Put it there, or set BANYAN_DATA to the folder that holds "${folder}".`;
}

/**
 * Finds the path of a data set's folder, for whoever cannot go on without.
 * @throws BanyanError `data` that names the places looked at.
 */
export function requireData(folder: string): string {
  const found = findData(folder);
  if (found === undefined) throw new BanyanError('data', missingData(folder));
  return found;
}

/** Gives the facts of a stored set. The disk is looked at when `found` or `missing` is read, not before. */
export function storedFacts(folder: string, facts: Pick<SourceFacts, 'licence' | 'description'>): SourceFacts {
  return {
    ...facts,
    get found() {
      return findData(folder);
    },
    get missing() {
      return findData(folder) === undefined ? missingData(folder) : undefined;
    },
  };
}

import { z } from 'zod';
import { flag } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { type Trust, trusted } from '../../experiment/plugins/trust.ts';
import type { Settings } from '../../experiment/settings.ts';
import { leaves } from '../options.ts';
import { readRun } from '../run/folder.ts';
import type { StudyEvent } from '../study.ts';
import type { SmallerRun } from './candidate.ts';
import type { SizePoint } from './point.ts';
import type { SmallerResult } from './result.ts';

/** Where smaller networks are made, and what of a run's folder may be imported for it. */
export interface SmallerOptions {
  /** The folder, in which it goes on with what is there. Default: the first free `runs/<name>-<n>`. */
  readonly out?: string;
  /** Values that take the place of what an experiment says, by their places: `{ 'training.steps': 100 }`. */
  readonly set?: Settings;
  /** How far the run's folder is trusted, which may name plugins. */
  readonly trust?: Partial<Trust>;
  /** Interrupts it, like unsubscribing; the Observable then ends with the event `interrupted`. */
  readonly signal?: AbortSignal;
}

/** What the making of smaller networks tells. */
export type SmallerEvent = StudyEvent<SmallerRun, SizePoint, SmallerResult>;

export const smallerLeaves = {
  out: leaves.out,
  set: leaves.set,
  trust: z.object({ plugins: flag.optional(), trust: flag.optional() }, 'an object with plugins, trust').optional(),
  signal: leaves.signal,
};

/**
 * Reads the run whose network is to become smaller.
 * @throws BanyanError `checkpoint` for a folder without a run, `plugin` for one that is not trusted, `experiment` for a network that grew a column.
 */
export async function readOriginal(
  command: string,
  folder: string,
  { plugins = true, ...trust }: Partial<Trust> = {},
): Promise<LoadedExperiment> {
  // A program is nobody who could be asked.
  const loaded = await trusted(await readRun(folder), folder, { plugins, ...trust }, () => undefined);
  assertWhole(command, loaded);
  return loaded;
}

/** @throws BanyanError `experiment` for a network that grows beside another one. */
export function assertWhole(command: string, { experiment, place }: LoadedExperiment): void {
  if (experiment.base === undefined) return;
  throw new BanyanError(
    'experiment',
    `${place(['base'])}: \`banyan ${command}\` makes a network of one column smaller, expected no base, received ${experiment.base}. Name the run of a network that did not grow.`,
  );
}

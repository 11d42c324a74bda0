import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import type { Experiment } from '../../experiment/schema.ts';
import { writeWhole } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { exists, writeJson } from '../records/json.ts';
import { runPaths } from './paths.ts';

/** @throws BanyanError `experiment` when there is a run in this folder already. */
export async function assertNoRun(folder: string): Promise<void> {
  if (await exists(runPaths(folder).experiment)) {
    throw new BanyanError(
      'experiment',
      `${folder} already holds a run, expected a folder without one. Go on with it by \`banyan resume ${folder}\`, or choose another --out.`,
    );
  }
}

/** Makes a folder where it is not there. @throws BanyanError `experiment` when it cannot be made. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: Error) => {
    throw new BanyanError(
      'experiment',
      `${path} cannot be made: ${cause.message}. Expected a folder, or a place for one that can be written to. Choose another --out.`,
      { cause },
    );
  });
}

/** Makes the folder of a new run: `out`, or the first free `runs/<name>-<n>`. */
export async function createRunFolder(name: string, out: string | undefined): Promise<string> {
  if (out === undefined) return createFreeFolder(name);
  await assertNoRun(out);
  await makeFolder(out);
  return out;
}

/** Makes the first free folder `runs/<name>-<n>`. */
export async function createFreeFolder(name: string): Promise<string> {
  await makeFolder('runs');
  for (let n = 1; ; n++) {
    const folder = join('runs', `${name}-${n}`);
    // mkdir fails where another process was faster: no two runs get one folder.
    const isNew = await mkdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw fileError('experiment', folder, 'made', error);
      },
    );
    if (isNew) return folder;
  }
}

export const writeExperiment = (folder: string, experiment: Experiment) =>
  writeJson(runPaths(folder).experiment, experiment);

/** Returns what writes the experiment of a run again as it stands now, where its folder is gone: without it nobody could go on. */
export function keepExperiment(folder: string): () => void {
  const { experiment } = runPaths(folder);
  const text = readFileSync(experiment, 'utf8');
  return () => {
    if (existsSync(experiment)) return;
    try {
      mkdirSync(folder, { recursive: true });
      writeWhole(experiment, text);
    } catch (error) {
      process.emitWarning(
        `${(fileError('experiment', experiment, 'written', error) as Error).message}`,
        'BanyanWarning',
      );
    }
  };
}

/** The file that the folder of a comparison has in place of a run's experiment. */
export const COMPARISON = 'comparison.json';
/** The same of a search, */
export const SEARCH = 'search.json';
/** of a learning curve, */
export const LEARNING_CURVE = 'learning-curve.json';
/** and of smaller networks. */
export const SMALLER = 'smaller.json';
/** What the folders of studies have, and a run's has not. */
const STUDIES = {
  'runs.jsonl': 'transfer',
  [COMPARISON]: 'compare',
  [SEARCH]: 'search',
  [LEARNING_CURVE]: 'learning-curve',
  [SMALLER]: 'prune',
};

/** Names the command that made a folder of many runs; undefined for another folder. */
export async function studyOf(folder: string): Promise<string | undefined> {
  for (const [name, command] of Object.entries(STUDIES)) if (await exists(join(folder, name))) return command;
  return undefined;
}

/** Reads the experiment of a run. @throws BanyanError `checkpoint` when the folder holds no run. */
export async function readRun(folder: string): Promise<LoadedExperiment> {
  const { experiment } = runPaths(folder);
  const command = await studyOf(folder);
  if (command !== undefined) {
    throw new BanyanError(
      'checkpoint',
      `${folder} holds the many runs of \`banyan ${command}\`, expected a single one, made by \`banyan train\`. Check the path, or go on with it by \`banyan ${command}\`.`,
    );
  }
  if (!(await exists(experiment))) {
    throw new BanyanError(
      'checkpoint',
      `${folder} holds no run: expected a folder with experiment.json, made by \`banyan train\`. Check the path.`,
    );
  }
  // Late: the schema is not needed to say that there is no run.
  const { loadExperiment } = await import('../../experiment/load.ts');
  return loadExperiment(experiment);
}

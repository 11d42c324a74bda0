import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../error.ts';
import { type CheckedExperiment, loadExperiment } from '../experiment/load.ts';
import { clearUnfinished } from '../files/durable.ts';
import { whileLocked } from './lock/lock.ts';
import { exists, writeJson } from './records/json.ts';
import { experimentDifferences } from './run/differences.ts';
import { createFreeFolder, makeFolder } from './run/folder.ts';

/** What a kind of study keeps in its folder. */
export interface StudyFiles {
  /** The file with the checked experiment: a valid experiment file itself. */
  readonly experiment: string;
  /** The folder in which the runs are, or what they begin from. */
  readonly parts: string;
  /** What is expected of an experiment to go on with it. */
  readonly expected: string;
}

/** Reads the experiment that a folder was made for; undefined for a new one. */
export async function readStudyExperiment(
  { experiment: name }: StudyFiles,
  folder: string,
): Promise<CheckedExperiment | undefined> {
  const path = join(folder, name);
  return (await exists(path)) ? (await loadExperiment(path)).experiment : undefined;
}

/** Takes as many threads as the folder's runs were made with, unless the experiment says how many. */
export async function withStoredThreads(
  files: StudyFiles,
  folder: string | undefined,
  experiment: CheckedExperiment,
): Promise<CheckedExperiment> {
  if (folder === undefined || experiment.training.threads !== undefined) return experiment;
  const threads = (await readStudyExperiment(files, folder))?.training.threads;
  return threads === undefined ? experiment : { ...experiment, training: { ...experiment.training, threads } };
}

/**
 * Does the work of a study in its folder, while no other process writes there: in `out`, or in the first free `runs/<name>-<n>`. The
 * folder is filled, or gone on with.
 * @throws BanyanError `experiment` where the folder was made for another experiment, with what differs; `busy` while another process
 * writes there.
 */
export async function inStudyFolder<T>(
  files: StudyFiles,
  out: string | undefined,
  experiment: CheckedExperiment,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await studyFolder(out, experiment);
  return whileLocked(folder, async () => {
    await openStudyFolder(files, folder, experiment);
    return work(folder);
  });
}

/**
 * Makes or finds the folder of a study that several processes may work on at once, and returns it: `out`, or the first free
 * `runs/<name>-<n>`. Whoever writes into it locks what it writes.
 * @throws BanyanError as `inStudyFolder`.
 */
export async function joinStudyFolder(
  files: StudyFiles,
  out: string | undefined,
  experiment: CheckedExperiment,
): Promise<string> {
  const folder = await studyFolder(out, experiment);
  await whileLocked(folder, () => openStudyFolder(files, folder, experiment), JOINING);
  return folder;
}

/** Milliseconds that others who work in the folder may keep its lock: they hold it for moments. */
const JOINING = 60_000;

async function studyFolder(out: string | undefined, experiment: CheckedExperiment): Promise<string> {
  const folder = out ?? (await createFreeFolder(experiment.name));
  await makeFolder(folder);
  return folder;
}

async function openStudyFolder(files: StudyFiles, folder: string, experiment: CheckedExperiment): Promise<void> {
  const parts = join(folder, files.parts);
  await mkdir(parts, { recursive: true });
  await clearUnfinished(parts);
  const before = await readStudyExperiment(files, folder);
  if (before === undefined) {
    await writeJson(join(folder, files.experiment), experiment);
    return;
  }
  const differences = experimentDifferences(before, experiment);
  if (differences.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${folder} was made for another experiment: ${differences.join('; ')}. Expected ${files.expected}, to go on with it. Set the file back, or choose another --out.`,
  );
}

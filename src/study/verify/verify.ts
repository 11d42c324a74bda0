import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isSaved, readFolder } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { fileError } from '../../files/file-error.ts';
import { networkDescription, type StoredNetwork, storedNetwork } from '../../network/index.ts';
import { formatCount } from '../../report/index.ts';
import { verifySetups } from '../../runtime/index.ts';
import { checkpointOf } from '../../train/index.ts';
import { bad, type Finding, good } from '../check/finding.ts';
import { exists, readJson } from '../records/json.ts';
import { COMPARISON, LEARNING_CURVE, SEARCH, SMALLER, studyOf } from '../run/folder.ts';
import { readCost, readResult } from '../run/result.ts';
import { countLines } from './lines.ts';

const experimentText = async (path: string) => `experiment "${(await loadExperiment(path)).experiment.name}"`;

/** The files of a run or a study, and what reads each; it says in a few words what it found. */
const FILES: Readonly<Record<string, (path: string) => Promise<string>>> = {
  'experiment.json': experimentText,
  [COMPARISON]: experimentText,
  [SEARCH]: experimentText,
  [LEARNING_CURVE]: experimentText,
  [SMALLER]: experimentText,
  'events.jsonl': async (path) => `${await countLines(path)} events`,
  'runs.jsonl': async (path) => `${await countLines(path)} runs`,
  'result.json': async (path) => {
    const folder = dirname(path);
    if ((await studyOf(folder)) !== undefined) await readJson(path, z.record(z.string(), z.unknown()), 'Remove it.');
    else await readResult(folder);
    return 'a result';
  },
  'cost.json': async (path) => {
    await readCost(dirname(path));
    return 'what it took';
  },
};

/**
 * Reads everything that was written below a folder: networks and checkpoints by their digests and what they must be, and the files
 * of runs and studies. Nothing in it is run, and nothing written.
 * @throws BanyanError `checkpoint` for a folder in which nothing of that is.
 */
export async function* verifyFolder(folder: string): AsyncGenerator<Finding> {
  let found = 0;
  for await (const finding of below(folder)) {
    found++;
    yield finding;
  }
  if (found > 0) return;
  throw new BanyanError(
    'checkpoint',
    `${folder} holds nothing that was saved, expected a run, a saved network, or a folder with such. Check the path.`,
  );
}

async function* below(folder: string): AsyncGenerator<Finding> {
  if (await isSaved(folder)) {
    yield await tried(folder, () => savedIn(folder));
    return;
  }
  for (const [name, read] of Object.entries(FILES)) {
    const path = join(folder, name);
    if (await exists(path)) yield await tried(path, () => read(path));
  }
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw fileError('checkpoint', folder, 'read', error);
  });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  for (const { name } of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) yield* below(join(folder, name));
}

async function tried(path: string, read: () => Promise<string>): Promise<Finding> {
  try {
    return good(path, await read());
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    return bad(path, error.message);
  }
}

/** Reads a network, or a checkpoint of a training. */
async function savedIn(folder: string): Promise<string> {
  const read = await readFolder(folder);
  const isCheckpoint = (read.content as { readonly training?: unknown } | null)?.training !== undefined;
  if (!isCheckpoint) {
    const { tasks } = networkDescription(read.content, folder);
    return `network of ${tasks.map(({ name }) => name).join(', ')}: ${weightsText(storedNetwork(read, folder))}`;
  }
  const { training, stored } = checkpointOf(read, folder);
  return `checkpoint after step ${training.step}: ${weightsText(stored)}`;
}

function weightsText({ weights: { tensors } }: StoredNetwork): string {
  const count = [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
  return `${formatCount(count)} weights, all as they were written`;
}

/** Compares the set-ups of TensorFlow on this machine with the digests of their files. */
export async function* verifyTensorflow(): AsyncGenerator<Finding> {
  for await (const { folder, problems, comparable } of verifySetups()) {
    const mend = 'Remove that folder, and run `banyan setup`.';
    if (problems.length > 0) yield bad(folder, `TensorFlow cannot be trusted: ${problems.join('; ')}. ${mend}`);
    else if (comparable) yield good(folder, 'TensorFlow as it was set up');
    else yield good(folder, `TensorFlow, not compared: its set-up took down no digests. ${mend}`);
  }
}

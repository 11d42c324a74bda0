import { access, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import type { Metrics } from '../../train/index.ts';
import type { Experiment } from '../experiment/schema.ts';
import { experimentDifferences } from '../run/differences.ts';
import { parseFigures } from '../run/figures.ts';
import { makeFolder, readJson, writeWhole } from '../run/folder.ts';
import type { RunRecord } from './run.ts';

/** What the folder of a transfer experiment holds. */
export function transferPaths(folder: string) {
  return {
    /** The checked experiment: a valid experiment file itself. */
    experiment: join(folder, 'experiment.json'),
    /** A line for each finished run. */
    runs: join(folder, 'runs.jsonl'),
    /** Written last. */
    result: join(folder, 'result.json'),
    /** A trained source network. */
    source: (name: string, seed: number) => join(folder, 'sources', `${name}-seed-${seed}`),
    /** What it reached on held-out examples. */
    sourceMetrics: (name: string, seed: number) => join(folder, 'sources', `${name}-seed-${seed}.json`),
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The experiment that a folder was made for; undefined for a new one. */
export async function readTransferExperiment(folder: string): Promise<Experiment | undefined> {
  const { experiment } = transferPaths(folder);
  return (await exists(experiment)) ? readJson(experiment) : undefined;
}

/**
 * Makes the folder, or goes on in it.
 * @throws BanyanError `experiment` where it was made for another experiment, with what differs.
 */
export async function openTransferFolder(folder: string, experiment: Experiment): Promise<void> {
  const before = await readTransferExperiment(folder);
  if (before === undefined) {
    await makeFolder(folder);
    await mkdir(join(folder, 'sources'), { recursive: true });
    await writeWhole(transferPaths(folder).experiment, experiment);
    return;
  }
  const others = experimentDifferences(before, experiment);
  if (others.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${folder} was made for another experiment: ${others.join('; ')}. Expected the same one, to go on with it. Set the file back, or choose another --out.`,
  );
}

/** Finished runs. A last line that a kill cut short is taken out of the file. */
export async function readRuns(folder: string): Promise<RunRecord[]> {
  const { runs } = transferPaths(folder);
  if (!(await exists(runs))) return [];
  const text = await readFile(runs, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) {
    await writeFile(`${runs}.tmp`, whole);
    await rename(`${runs}.tmp`, runs);
  }
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseFigures<RunRecord>(line));
}

export async function appendRun(folder: string, record: RunRecord): Promise<void> {
  const file = await open(transferPaths(folder).runs, 'a');
  try {
    await file.writeFile(`${JSON.stringify(record)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What a source network reached; undefined where it is still to be trained. */
export async function readSourceMetrics(folder: string, name: string, seed: number): Promise<Metrics | undefined> {
  const path = transferPaths(folder).sourceMetrics(name, seed);
  return (await exists(path)) ? parseFigures<Metrics>(await readFile(path, 'utf8')) : undefined;
}

import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { gallery, routing } from '../../evaluate/index.ts';
import type { CheckedExperiment } from '../../experiment/load.ts';
import { words } from '../../experiment/words.ts';
import type { Network } from '../../network/index.ts';
import { runPage } from '../../report/index.ts';
import type { Metrics } from '../../train/index.ts';
import { exists } from '../records/json.ts';
import { readEvents } from './events.ts';
import { runPaths, TRUNK_PAGE } from './paths.ts';

export const titleOf = (folder: string): string => `Run ${basename(resolve(folder))}`;

/** Writes the page about a run that has ended, from its log: a run that was interrupted and resumed has one log. Returns its path. */
export async function writeReport(
  experiment: CheckedExperiment,
  network: Network,
  folder: string,
  metrics: Metrics,
): Promise<string> {
  const { events, report, trunk } = runPaths(folder);
  const run = {
    ...{ title: titleOf(folder), facts: factsOf(experiment), events: readEvents(events), metrics },
    ...((await exists(trunk)) ? { trunk: TRUNK_PAGE } : {}),
  };
  await writeFile(report, await runPage({ ...run, gallery: await gallery(network), routing: await routing(network) }));
  return report;
}

/** Says what the run was, a few words each. */
function factsOf({ trunk, tasks, seed, base, training }: CheckedExperiment): readonly (readonly [string, string])[] {
  const { batch, balance, optimizer, compile, precision } = training;
  const method = typeof balance === 'string' ? balance : balance?.method;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['tasks', Object.keys(tasks).join(', ')],
    ['trunk', trunk && words(trunk)],
    ['a column beside', base],
    ['batch', words(batch)],
    ['optimiser', optimizer && words(optimizer)],
    ['balance', method ?? 'equal'],
    ['compile', compile],
    ['precision', precision],
    ['seed', String(training.seed ?? seed)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

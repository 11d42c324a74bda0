import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type TracedCheckpoint, type TrunkExplanation, trunkJson, trunkPage } from '../../explain/index.ts';
import type { Network } from '../../network/index.ts';
import { exists, writeJson } from '../records/json.ts';
import { readEvents } from './events.ts';
import { runPaths } from './paths.ts';
import { writeReport } from './report.ts';
import { readResult } from './result.ts';
import { checkpointsOf } from './saved.ts';
import { buildNetwork, loadSaved, restoreNetwork, type Session } from './session.ts';
import { type NamedNetwork, trunkFindings } from './trunk-findings.ts';

/** Another run whose trunk is compared. */
export interface BesideRun {
  readonly folder: string;
  readonly session: Session;
}

export interface ExplainTrunkOptions {
  /** Other runs, such as of tasks that were trained alone. */
  readonly beside?: readonly BesideRun[];
  /** It is told what is being done. */
  readonly onProgress?: (what: string) => void;
}

/** What was found of a run's trunk, and the files that hold it. */
export interface WrittenTrunk {
  readonly found: TrunkExplanation;
  readonly page: string;
  readonly numbers: string;
}

/**
 * Explains the trunk of a run and what its tasks share of it, beside that of a network with random weights and of other runs, and writes a
 * page and the numbers into the run's folder; a report that the run has leads there from then on.
 * @throws BanyanError `checkpoint` for a run without weights; as what is computed.
 */
export async function explainTrunk(
  session: Session,
  folder: string,
  { beside = [], onProgress = () => {} }: ExplainTrunkOptions = {},
): Promise<WrittenTrunk> {
  const networks: Network[] = [];
  const keep = async (loading: Promise<Network>) => {
    const network = await loading;
    networks.push(network);
    return network;
  };
  const restored = async (run: Session, path: string) => (await restoreNetwork(run, path)).network;
  try {
    onProgress('reading the networks');
    const network = await keep(restored(session, folder));
    const untrained = await keep(buildNetwork(session));
    const others: NamedNetwork[] = [{ name: 'random weights', network: untrained }];
    for (const run of beside) {
      others.push({ name: basename(resolve(run.folder)), network: await keep(restored(run.session, run.folder)) });
    }
    const checkpoints = await tracedCheckpoints(session, folder, network, keep);
    const found = await trunkFindings({ network, untrained, others, checkpoints, onProgress });
    const { trunk: page, trunkNumbers: numbers, report } = runPaths(folder);
    await writeFile(page, await trunkPage(`The trunk of ${basename(resolve(folder))}`, found));
    await writeJson(numbers, trunkJson(found));
    const result = await readResult(folder);
    if (result !== undefined && (await exists(report))) {
      await writeReport(session.loaded.experiment, network, folder, result.metrics);
    }
    return { found, page, numbers };
  } finally {
    for (const network of networks) network.dispose();
  }
}

/** The checkpoints that are there, the oldest first, each with the learning rate of its step; without any the network as it is. */
async function tracedCheckpoints(
  session: Session,
  folder: string,
  network: Network,
  keep: (loading: Promise<Network>) => Promise<Network>,
): Promise<readonly TracedCheckpoint[]> {
  const rates = new Map(
    readEvents(runPaths(folder).events).flatMap((event) =>
      event.kind === 'step' ? [[event.step, event.learningRate] as const] : [],
    ),
  );
  const traced: TracedCheckpoint[] = [];
  for (const path of (await checkpointsOf(folder)).reverse()) {
    const learningRate = rates.get(Number(/(\d+)$/.exec(path)?.[1])) ?? 0;
    // The last step of a schedule may have none.
    if (learningRate > 0) {
      traced.push({ network: await keep(loadSaved(session, { path, tasks: [] })), learningRate });
    }
  }
  return traced.length > 0 ? traced : [{ network, learningRate: 1 }];
}

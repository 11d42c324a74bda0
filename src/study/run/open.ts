import type { CheckedExperiment } from '../../experiment/load.ts';
import { type Trust, trusted } from '../../experiment/plugins/trust.ts';
import type { Network } from '../../network/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { readEvents } from './events.ts';
import { readRun } from './folder.ts';
import { runPaths } from './paths.ts';
import { type RunResult, readResult } from './result.ts';
import { openSession, restoreNetwork } from './session.ts';

/** A run's folder, opened to be read; nothing of it is written. */
export interface StoredRun {
  readonly folder: string;
  /** What was trained. */
  readonly experiment: CheckedExperiment;
  /** Reads the events of its training. Damaged lines are left out, with a warning. */
  events(): readonly TrainingEvent[];
  /** Reads its result; undefined for a run that is not complete. @throws BanyanError `checkpoint` where the file is damaged. */
  result(): Promise<RunResult | undefined>;
  /**
   * Restores its network: the trained one, else that of its newest whole checkpoint. The run's plugins are imported for that, and they are
   * code: of a folder that other users can write that is refused, unless `trust` says so.
   * @throws BanyanError `checkpoint` for a run without weights, `plugin` for one whose plugins are not trusted.
   */
  network(trust?: Partial<Trust>): Promise<Network>;
}

/**
 * Opens the folder of a run that `banyan train` or a study made.
 * @throws BanyanError `checkpoint` when the folder holds no run, `experiment` when its experiment is damaged.
 */
export async function openRun(folder: string): Promise<StoredRun> {
  const loaded = await readRun(folder);
  return {
    folder,
    experiment: loaded.experiment,
    events: () => readEvents(runPaths(folder).events),
    result: () => readResult(folder),
    network: async ({ plugins = true, ...trust } = {}) => {
      // A program is nobody who could be asked.
      const run = await trusted(loaded, folder, { plugins, ...trust }, () => undefined);
      return (await restoreNetwork(await openSession(run), folder)).network;
    },
  };
}

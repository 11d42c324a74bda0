import type { Command } from 'commander';
import type { LoadedExperiment } from '../../experiment/load.ts';
import type { Trust } from '../../experiment/plugins/trust.ts';

/** The options of a command that reads a run's folder, by which its user says what of it may be run. */
export const addTrustOptions = (command: Command): Command =>
  command
    .option('--no-plugins', 'import none of the plugins that the run names: only built-in tasks are there')
    .option('--trust', 'import them also where other users can write the run, without asking');

/** The run in a folder, with what it may import. @throws BanyanError `checkpoint` when the folder holds no run. */
export async function readTrustedRun(folder: string, trust: Trust): Promise<LoadedExperiment> {
  const [{ readRun }, { trusted }] = await Promise.all([
    import('../../study/run/folder.ts'),
    import('../../experiment/plugins/trust.ts'),
  ]);
  return trusted(await readRun(folder), folder, trust);
}

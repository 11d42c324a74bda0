import { BanyanError } from '../error.ts';
import { checkExperiment, type LoadedExperiment, loadExperiment } from '../experiment/load.ts';
import type { ExperimentFile } from '../experiment/schema.ts';
import { applySettings, type Settings } from '../experiment/settings.ts';
import { show } from '../show.ts';

/** What a program calls an experiment that it has no file of. Its plugins are found from the folder in which the program runs. */
const UNNAMED = 'experiment';

/** Reads an experiment from its file, or takes it as it stands, with what is set in it, and checks it. @throws BanyanError `experiment` with every problem found. */
export async function readGiven(
  experiment: string | ExperimentFile,
  settings: Settings = {},
): Promise<LoadedExperiment> {
  if (typeof experiment === 'string') return loadExperiment(experiment, settings);
  if (typeof experiment !== 'object' || experiment === null) {
    throw new BanyanError(
      'argument',
      `An experiment must be the path of a file or an object with trunk, tasks and training, received ${show(experiment)}. Give one of these.`,
    );
  }
  return checkExperiment(applySettings({ file: UNNAMED, data: experiment, place: () => UNNAMED }, settings));
}

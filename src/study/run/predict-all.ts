import { BanyanError } from '../../error.ts';
import type { Network } from '../../network/index.ts';
import { type BeamOption, beamFor, type FilePrediction, predictFiles } from './predict.ts';

/** What each task says of a file, by the tasks' names. */
export interface FilePredictions {
  readonly file: string;
  readonly predictions: Readonly<Record<string, unknown>>;
}

/**
 * Predicts for files by all tasks of a network that can read all of them: a picture says nothing to a task of sounds.
 * @throws BanyanError `data` where no task can, with what each says.
 */
export async function predictByAll(
  network: Network,
  files: readonly string[],
  option: BeamOption = {},
): Promise<readonly FilePredictions[]> {
  const failures: string[] = [];
  const found: [task: string, predictions: readonly FilePrediction[]][] = [];
  for (const { name } of network.tasks) {
    try {
      found.push([name, await predictFiles(network, name, files, beamFor(network, name, option))]);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      failures.push(`${name}: ${error.message}`);
    }
  }
  const [first] = found;
  if (first === undefined) {
    throw new BanyanError(
      'data',
      `No task of this network can read all of these files. Name one by --task, or give files of one kind.\n${failures.join('\n')}`,
    );
  }
  return first[1].map(({ file }, i) => ({
    file,
    predictions: Object.fromEntries(found.map(([task, predictions]) => [task, predictions[i]!.prediction])),
  }));
}

import { checkTraining } from '../../train/index.ts';
import { buildTrainOptions } from '../experiment/build.ts';
import { createRunFolder, writeExperiment } from './folder.ts';
import { buildNetwork, type Session } from './session.ts';
import { runTraining } from './training.ts';

/** A new run: the network first, so that a failure leaves no folder behind. */
export async function startRun(
  session: Session,
  out: string | undefined,
  json: boolean,
  profile: boolean,
): Promise<number> {
  const { experiment } = session.loaded;
  const network = await buildNetwork(session);
  try {
    // Before there is a folder: a run that cannot start leaves none.
    await checkTraining(network, buildTrainOptions(experiment, ''));
    const folder = await createRunFolder(experiment.name, out);
    const { threads } = session.runtime;
    await writeExperiment(folder, { ...experiment, training: { ...experiment.training, threads } });
    return await runTraining(session, network, folder, json, profile);
  } finally {
    network.dispose();
  }
}

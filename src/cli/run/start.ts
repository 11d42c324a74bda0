import { createRunFolder, writeExperiment } from './folder.ts';
import { buildNetwork, type Session } from './session.ts';
import { runTraining } from './training.ts';

/** A new run: the network first, so that a failure leaves no folder behind. */
export async function startRun(session: Session, out: string | undefined, json: boolean): Promise<number> {
  const { experiment } = session.loaded;
  const network = await buildNetwork(session);
  try {
    const folder = await createRunFolder(experiment.name, out);
    const { threads } = session.runtime;
    await writeExperiment(folder, { ...experiment, training: { ...experiment.training, threads } });
    return await runTraining(session, network, folder, json);
  } finally {
    network.dispose();
  }
}

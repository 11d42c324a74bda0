import { cp } from 'node:fs/promises';
import { checkTraining } from '../../train/index.ts';
import { assertPort } from '../../watch/index.ts';
import { buildTrainOptions } from '../experiment/build.ts';
import { BASE, createRunFolder, runPaths, writeExperiment } from './folder.ts';
import { buildNetwork, type Session } from './session.ts';
import { runTraining, type Showing } from './training.ts';

/** A new run: the network first, so that a failure leaves no folder behind. */
export async function startRun(session: Session, out: string | undefined, shown: Showing): Promise<number> {
  const { experiment } = session.loaded;
  const network = await buildNetwork(session);
  try {
    // Before there is a folder: a run that cannot start leaves none.
    await checkTraining(network, buildTrainOptions(experiment, ''));
    if (shown.watch !== undefined) await assertPort(shown.watch.port);
    const folder = await createRunFolder(experiment.name, out);
    const { threads } = session.runtime;
    // The run keeps what it grows from: it can be resumed wherever it is moved.
    if (session.base !== undefined) await cp(session.base.saved.path, runPaths(folder).base, { recursive: true });
    const base = session.base === undefined ? {} : { base: BASE };
    await writeExperiment(folder, { ...experiment, ...base, training: { ...experiment.training, threads } });
    return await runTraining(session, network, folder, shown);
  } finally {
    network.dispose();
  }
}

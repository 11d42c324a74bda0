import { readFolder, writeFolder } from '../../checkpoint/index.ts';
import { buildTrainOptions } from '../../experiment/build.ts';
import { checkTraining } from '../../train/index.ts';
import { assertPort } from '../../watch/index.ts';
import { whileLocked } from '../lock/lock.ts';
import { assertNoRun, BASE, createRunFolder, runPaths, writeExperiment } from './folder.ts';
import { buildNetwork, type Session } from './session.ts';
import { runTraining, type Showing } from './training.ts';

/** A new run: the network first, so that a failure leaves no folder behind. */
export async function startRun(session: Session, out: string | undefined, shown: Showing): Promise<number> {
  const { experiment } = session.loaded;
  const network = await buildNetwork(session);
  try {
    // Before there is a folder: a run that cannot start leaves none.
    await checkTraining(network, buildTrainOptions(experiment, '', session.found.container));
    if (shown.watch !== undefined) await assertPort(shown.watch.port);
    const folder = await createRunFolder(experiment.name, out);
    return await whileLocked(folder, async () => {
      // Another process may have been faster.
      await assertNoRun(folder);
      await describeRun(session, folder);
      return runTraining(session, network, folder, shown);
    });
  } finally {
    network.dispose();
  }
}

/** Writes what a run is made of: its experiment last, so that a folder with one holds all of it. */
async function describeRun(
  { loaded: { experiment }, runtime: { threads }, base }: Session,
  folder: string,
): Promise<void> {
  if (base !== undefined) {
    // The run keeps what it grows from: it can be resumed wherever it is moved. Whole or not at all, however this ends.
    const { files, content } = await readFolder(base.saved.path);
    await writeFolder(runPaths(folder).base, files, content);
  }
  const from = base === undefined ? {} : { base: BASE };
  await writeExperiment(folder, { ...experiment, ...from, training: { ...experiment.training, threads } });
}

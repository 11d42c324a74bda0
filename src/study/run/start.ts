import { readFolder, writeFolder } from '../../checkpoint/index.ts';
import { buildTrainOptions } from '../../experiment/build.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { internals } from '../../network/index.ts';
import type { LoadedWeights } from '../../pretrained/index.ts';
import { checkTraining } from '../../train/index.ts';
import { assertPort } from '../../watch/index.ts';
import { whileLocked } from '../lock/lock.ts';
import { leading } from './chief.ts';
import { writeBaseFields, writeFields } from './fields.ts';
import { assertNoRun, createRunFolder, writeExperiment } from './folder.ts';
import { BASE, runPaths } from './paths.ts';
import { loadPretrained, withDigests } from './pretrained.ts';
import { readResult } from './result.ts';
import type { RunEnding, RunOptions } from './run-event.ts';
import { checkpointsOf } from './saved.ts';
import { buildNetwork, openSession, type Session } from './session.ts';
import { trainRun } from './train-run.ts';

/** Trains a new run in `out`, or in the first free `runs/<name>-<n>`. */
export async function startRun(session: Session, out: string | undefined, options: RunOptions): Promise<RunEnding> {
  const { experiment } = session.loaded;
  const network = await buildNetwork(session);
  try {
    const weights = await loadPretrained(session, network);
    // Before there is a folder: a run that cannot start leaves none.
    const { cluster } = options;
    const training = buildTrainOptions(experiment, '', session.found.container);
    await checkTraining(internals(network), { ...training, ...(cluster && { cluster }) });
    if (options.watch !== undefined) await assertPort(options.watch.port);
    return await leading(options.cluster, async () => {
      const folder = await createRunFolder(experiment.name, out);
      return whileLocked(folder, async () => {
        // Another process may have been faster.
        await assertNoRun(folder);
        await describeRun(session, folder, weights);
        return trainRun(session, network, folder, options);
      });
    });
  } finally {
    network.dispose();
  }
}

/** Goes on with the run in a folder, to the same bits as if it had not been interrupted. */
export function resumeRun(loaded: LoadedExperiment, folder: string, options: RunOptions): Promise<RunEnding> {
  return whileLocked(folder, async () => {
    // The process that wrote there may have ended it.
    if ((await readResult(folder)) !== undefined) return 'complete';
    const session = await openSession(loaded);
    const network = await buildNetwork(session);
    try {
      // A checkpoint has weights of its own.
      if ((await checkpointsOf(folder)).length === 0) await loadPretrained(session, network);
      return await leading(options.cluster, () => trainRun(session, network, folder, options));
    } finally {
      network.dispose();
    }
  });
}

/** Writes what a run is made of: its experiment last, so that a folder with one holds all of it. */
export async function describeRun(
  { loaded: { experiment }, runtime: { threads }, base, fields }: Session,
  folder: string,
  weights: readonly LoadedWeights[],
): Promise<void> {
  if (base !== undefined) {
    // The run keeps what it grows from: it can be resumed wherever it is moved. Whole or not at all, however this ends.
    const { files, content } = await readFolder(base.saved.path);
    await writeFolder(runPaths(folder).base, files, content);
    if (base.fields.length > 0) await writeBaseFields(folder, base.fields);
  }
  if (Object.keys(fields).length > 0) await writeFields(folder, fields);
  const from = base === undefined ? {} : { base: BASE };
  await writeExperiment(folder, {
    ...withDigests(experiment, weights),
    ...from,
    training: { ...experiment.training, threads },
  });
}

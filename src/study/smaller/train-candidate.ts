import { lastValueFrom, tap } from 'rxjs';
import { buildTrainOptions } from '../../experiment/build.ts';
import { checkpointsIn, resume, train } from '../../train/index.ts';
import { finishRun } from '../run/finish-run.ts';
import { describeRun } from '../run/start.ts';
import type { Candidate } from './candidate.ts';

/**
 * Trains a smaller network, from its newest checkpoint where it has one, and writes it into a folder as a run that is complete.
 * @throws the signal's reason when it is aborted.
 */
export async function trainCandidate(
  { session, begin }: Candidate,
  folder: string,
  checkpoints: string,
  signal: AbortSignal,
): Promise<void> {
  const { network, weights } = await begin();
  try {
    const options = { ...buildTrainOptions(session.loaded.experiment, checkpoints, session.found.container), signal };
    const hasCheckpoint = (await checkpointsIn(checkpoints)).length > 0;
    let [steps, milliseconds] = [0, 0];
    const events = hasCheckpoint ? resume(network, checkpoints, options) : train(network, options);
    await lastValueFrom(
      events.pipe(
        tap((event) => {
          steps = event.step;
          if (event.kind === 'step') milliseconds += event.milliseconds;
        }),
      ),
    );
    signal.throwIfAborted();
    await describeRun(session, folder, weights);
    await finishRun(session, network, folder, { steps, milliseconds, logged: false, report: false, tell: () => {} });
  } finally {
    network.dispose();
  }
}

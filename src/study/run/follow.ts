import { tap } from 'rxjs';
import { type ClusterOptions, joinCluster } from '../../cluster/index.ts';
import { buildTrainOptions } from '../../experiment/build.ts';
import { train } from '../../train/index.ts';
import { loadPretrained } from './pretrained.ts';
import type { RunEnding, RunOptions } from './run-event.ts';
import { buildNetwork, type Session } from './session.ts';

/**
 * Trains as a worker that is not the chief: nothing is written here, and a run that the chief goes on with is gone on with here too. It stays
 * until the chief has measured the network and written its result.
 */
export async function followRun(
  session: Session,
  cluster: ClusterOptions,
  { signal, tell }: Pick<RunOptions, 'signal' | 'tell'>,
): Promise<RunEnding> {
  const { checkpoint: _, ...options } = buildTrainOptions(session.loaded.experiment, '', session.found.container);
  const network = await buildNetwork(session);
  try {
    await loadPretrained(session, network);
    const team = await joinCluster(cluster);
    tell({ kind: 'open', folder: '', saves: false, chief: cluster.workers[0]! });
    let ended = false;
    const training = train(network, { ...options, signal, cluster }).pipe(
      tap((event) => {
        if (event.kind === 'end') ended = event.reason !== 'stopped';
        tell(event);
      }),
    );
    await new Promise<void>((done, fail) => {
      training.subscribe({ error: fail, complete: done });
    });
    await team.leave();
    return ended ? 'done' : 'interrupted';
  } finally {
    network.dispose();
  }
}

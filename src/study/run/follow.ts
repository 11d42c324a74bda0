import { tap } from 'rxjs';
import { type ClusterOptions, joinCluster } from '../../cluster/index.ts';
import { buildTrainOptions } from '../../experiment/build.ts';
import { train } from '../../train/index.ts';
import { COMPLETE, finalMetrics } from './final-metrics.ts';
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
  { resize, signal, tell }: Pick<RunOptions, 'resize' | 'signal' | 'tell'>,
): Promise<RunEnding> {
  const { checkpoint: _, ...options } = buildTrainOptions(session.loaded.experiment, '', session.found.container);
  const network = await buildNetwork(session);
  try {
    await loadPretrained(session, network);
    const team = await joinCluster(cluster);
    tell({ kind: 'open', folder: '', saves: false, chief: cluster.workers[0]! });
    const training = train(network, { ...options, ...(resize && { resize }), signal, cluster }).pipe(
      tap((event) => tell(event)),
    );
    await new Promise<void>((done, fail) => {
      training.subscribe({ error: fail, complete: done });
    });
    const complete = await team.share(false, COMPLETE);
    if (complete) await finalMetrics(network, options.sourceTimeout, team);
    await team.leave();
    return complete ? 'done' : 'interrupted';
  } finally {
    network.dispose();
  }
}

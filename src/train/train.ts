import { Observable } from 'rxjs';
import { joinCluster } from '../cluster/index.ts';
import { BanyanError } from '../error.ts';
import { type AnyNetwork, type ExclusiveUse, type Internals, internals, reserveSources } from '../network/index.ts';
import { chosenTasks } from './check-options.ts';
import type { TrainingEvent } from './events.ts';
import { type LoopContext, TrainingLoop } from './loop.ts';
import type { TrainOptions } from './options.ts';
import { type Preparation, prepareTraining } from './prepare.ts';
import type { Origin } from './state/restore.ts';
import { Consent } from './together/agree.ts';
import { resizedOptions } from './together/resize.ts';

/**
 * Trains a network jointly on its tasks. The Observable is cold: subscribing starts the training, once; unsubscribing ends it after
 * the running step, or between two batches of an evaluation, with a last checkpoint. `network.idle()` waits for that; whatever else
 * is begun on the network waits by itself. A later `train` goes on with the optimiser's state unless `optimizer` is given. To watch
 * a training from several places, share the Observable.
 * @throws (through the Observable) BanyanError `busy` for a second subscription (after a failure, what failed), a second training of
 * the network, or of a source that keeps a state; `argument` for impossible options, `data` and `shape` for examples that do not
 * fit, `diverged`, `leak`.
 */
export function train(network: AnyNetwork, options: TrainOptions): Observable<TrainingEvent> {
  return observe(internals(network), (emit, use) => runTraining(internals(network), options, undefined, emit, use));
}

/**
 * Goes on with an interrupted training from the newest whole checkpoint in `folder`: the network, its tasks and the options
 * must be those it was started with. It ends with the same bits as an uninterrupted training.
 * @throws (through the Observable) as `train`, and BanyanError `checkpoint`.
 */
export function resume(network: AnyNetwork, folder: string, options: TrainOptions): Observable<TrainingEvent> {
  return observe(internals(network), (emit, use) => runTraining(internals(network), options, { folder }, emit, use));
}

/**
 * Goes on as `resume` does, but with other numbers of the same optimiser and schedule, another clipping, other weights and rates of the
 * tasks: how far a step goes from now on, and by what. All else is as the checkpoint has it.
 * @throws (through the Observable) as `resume`.
 */
export function resumeChanged(network: AnyNetwork, folder: string, options: TrainOptions): Observable<TrainingEvent> {
  return observe(internals(network), (emit, use) =>
    runTraining(internals(network), options, { folder, changed: true }, emit, use),
  );
}

function observe(
  network: Internals,
  start: (emit: (event: TrainingEvent) => void, use: ExclusiveUse) => Promise<void>,
): Observable<TrainingEvent> {
  let used = false;
  let failure: { readonly error: unknown } | undefined;
  return new Observable((subscriber) => {
    if (failure !== undefined) {
      const { error } = failure;
      // Later: `retry()` without a count would hold the process for ever.
      const timer = setTimeout(() => subscriber.error(error));
      return () => clearTimeout(timer);
    }
    let use: ExclusiveUse;
    try {
      if (used) {
        throw new BanyanError(
          'busy',
          'This training was started before, expected one subscription. Share the Observable.',
        );
      }
      use = network.lease.exclusive('trained');
    } catch (error) {
      subscriber.error(error);
      return;
    }
    used = true;
    const work = async () => {
      await use.before;
      if (!use.left) await start((event) => subscriber.next(event), use);
    };
    work().then(
      () => {
        use.end();
        subscriber.complete();
      },
      (error: unknown) => {
        failure = { error };
        // Left before it began, while it waited for a source.
        if (use.left && error !== use.signal.reason) network.lease.keepError(error);
        use.end();
        subscriber.error(error);
      },
    );
    return () => use.leave();
  });
}

/** Trains within a use of the network, from the newest checkpoint in the folder of `from` where there is one. */
export async function runTraining(
  network: Internals,
  options: TrainOptions,
  from: Origin | undefined,
  emit: (event: TrainingEvent) => void,
  use: ExclusiveUse,
): Promise<void> {
  const { loop, release } = await openTraining(network, options, from, { emit, use });
  try {
    await loop.run();
  } finally {
    release();
  }
}

/** Joins the others of a cluster, where there are any. */
const joinOthers = async (cluster: TrainOptions['cluster']): Promise<Consent | undefined> =>
  cluster === undefined || cluster.workers.length === 1 ? undefined : new Consent(await joinCluster(cluster));

/** A training that is prepared. */
export interface OpenTraining {
  readonly loop: TrainingLoop;
  readonly prepared: Preparation;
  /** Aborted when it is to end early. */
  readonly signal: AbortSignal;
  /** Gives its sources back, once it has ended. */
  release(): void;
}

/** Prepares a training within a use of the network, from the newest checkpoint in the folder of `from` where there is one. */
export async function openTraining(
  network: Internals,
  given: TrainOptions,
  from: Origin | undefined,
  context: Pick<LoopContext, 'emit' | 'byHand'> & { readonly use: ExclusiveUse },
): Promise<OpenTraining> {
  const { use } = context;
  network.lease.assertLive();
  const release = await reserveSources(network.body, chosenTasks(network.body, given), use);
  try {
    const asked = given.signal === undefined ? use.signal : AbortSignal.any([use.signal, given.signal]);
    const consent = await joinOthers(given.cluster);
    // With others, who asks for the end asks all of them.
    const signal = consent?.ended ?? asked;
    const prepare = async () => {
      const options = given.resize ? await resizedOptions(given, from?.folder, consent?.team) : given;
      return { options, prepared: await prepareTraining(network, options, from, signal, consent) };
    };
    const { options, prepared } = await prepare().catch((error: unknown) => {
      throw consent?.team.fail(error) ?? error;
    });
    const { batches } = prepared;
    const together = consent && { consent, asked };
    return {
      loop: new TrainingLoop({ network, options, prepared, signal, ...context, ...(together && { together }) }),
      prepared,
      signal,
      release: () => {
        // One that hangs would go on from another's state.
        if (batches.settled) release();
        else void batches.whenSettled().then(release);
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

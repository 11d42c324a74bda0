import { setTimeout as pause } from 'node:timers/promises';
import type { AnyNetwork } from '../network/index.ts';
import { findSaved, markOfSaved } from '../study/run/saved.ts';
import { loadSaved, type Session } from '../study/run/session.ts';

/** A run whose newest network is served. */
export interface FollowedRun {
  readonly session: Session;
  readonly folder: string;
  /** Puts a network in the place of the one before it, and gives that one back. */
  readonly replace: (network: AnyNetwork) => Promise<AnyNetwork>;
  /** Is told where the network lies that is served from now on. */
  readonly told: (path: string) => void;
}

/** Milliseconds between two looks. */
const EVERY = 2000;

/**
 * Has a run's newest network served as soon as it is written, until the signal is aborted: a training's next checkpoint, or the folder of a
 * network that was written anew. One that cannot be read is told of, and the one before it goes on. `mark`: what `markOfSaved` said before the
 * network was loaded that is served.
 */
export async function followRun(
  { session, folder, replace, told }: FollowedRun,
  mark: string | undefined,
  signal: AbortSignal,
  every = EVERY,
): Promise<void> {
  let seen = mark;
  while (!signal.aborted) {
    const now = await markOfSaved(folder).catch(() => undefined);
    if (now !== undefined && now !== seen) {
      seen = now;
      try {
        const saved = (await findSaved(folder))!;
        const network = await loadSaved(session, saved);
        const before = await replace(network).catch((error: unknown) => {
          network.dispose();
          throw error;
        });
        before.dispose();
        told(saved.path);
      } catch (error) {
        process.emitWarning(
          `${folder} holds a newer network, and the one before it is served on: ${(error as Error).message}`,
          'BanyanWarning',
        );
      }
    }
    await pause(every, undefined, { signal }).catch(() => {});
  }
}

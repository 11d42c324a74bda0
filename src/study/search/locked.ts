import { BanyanError } from '../../error.ts';
import { whileLocked } from '../lock/lock.ts';

/** Milliseconds between two looks at whether the wait is to end. */
const LOOK = 1000;

/**
 * Does work while no other process writes into a folder, however long others do. What waits ends when the signal is aborted.
 * @throws the signal's reason when it is aborted before the work begins.
 */
export async function whenFree<T>(folder: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    let begun = false;
    try {
      return await whileLocked(
        folder,
        () => {
          begun = true;
          return work();
        },
        LOOK,
      );
    } catch (error) {
      if (begun || !(error instanceof BanyanError && error.code === 'busy')) throw error;
    }
  }
}

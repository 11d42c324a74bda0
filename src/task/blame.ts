import { BanyanError } from '../error.ts';
import { isOutOfMemory, outOfMemory } from '../runtime/index.ts';
import { isPromise, show } from '../show.ts';

/**
 * Runs a part that a plugin brings. An error that it throws, or rejects with, is told with whose it is and kept as the cause; a
 * BanyanError says that itself, and stays as it is. `whose`: such as `head/words: loss()`; `expected`: what it is to give.
 * @throws BanyanError `plugin`; `memory` where there was not enough of it.
 */
export function blaming<T>(whose: string, expected: string, work: () => T): T {
  try {
    const result = work();
    // A promise of the same kind: it fails in its own time.
    return isPromise(result) ? (blamingLater(whose, expected, result) as T) : result;
  } catch (error) {
    throw blamed(whose, expected, error);
  }
}

async function blamingLater(whose: string, expected: string, promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    throw blamed(whose, expected, error);
  }
}

function blamed(whose: string, expected: string, error: unknown): BanyanError {
  if (error instanceof BanyanError) return error;
  // No fault of the part's, whatever it was doing.
  if (isOutOfMemory(error)) return outOfMemory(whose, error.message, error);
  const text = error instanceof Error ? String(error) : show(error);
  return new BanyanError(
    'plugin',
    `${whose} threw ${text}${/[.!?]$/.test(text) ? '' : '.'} Expected ${expected}. Correct it: the error's cause says where it happened.`,
    { cause: error },
  );
}

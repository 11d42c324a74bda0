import { BanyanError } from '../../error.ts';
import { untilAborted } from './until-aborted.ts';

/** Seconds after which waiting is told, and again each time that has doubled. */
const FIRST = 30;
/** The longest time that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

export interface Patience {
  /** Aborted: nothing is waited for any more. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds that a source may take. Default: any time. */
  readonly sourceTimeout?: number | undefined;
}

/**
 * Waits for what a source gives. As long as it does not come, there is a warning after 30 s, 60 s, 120 s, …; `what` says then what is waited for:
 * `The source of task "words": open()`.
 * @throws the signal's reason as soon as it is aborted, BanyanError `data` after `sourceTimeout`.
 */
export async function waitForSource<T>(
  work: Promise<T>,
  { signal, sourceTimeout }: Patience,
  what: () => string,
): Promise<T> {
  const begin = performance.now();
  let next = FIRST;
  let telling: NodeJS.Timeout;
  const tellLater = () => {
    telling = setTimeout(
      () => {
        process.emitWarning(
          `${what()} has not ended for ${next} s, and is waited for. Expected examples. Let it fail where what it waits for does not come, or set sourceTimeout.`,
          'BanyanWarning',
        );
        next *= 2;
        tellLater();
      },
      Math.min(LONGEST, 1000 * next - (performance.now() - begin)),
    );
  };
  let ending: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    if (sourceTimeout === undefined) return;
    ending = setTimeout(() => fail(tooLate(what(), sourceTimeout)), Math.min(LONGEST, 1000 * sourceTimeout));
  });
  tellLater();
  try {
    return await untilAborted(Promise.race([work, late]), signal);
  } finally {
    clearTimeout(telling!);
    clearTimeout(ending);
  }
}

const tooLate = (what: string, seconds: number) =>
  new BanyanError(
    'data',
    `${what} has not ended for ${seconds} s, expected an end within sourceTimeout. Let it fail where what it waits for does not come, or set a longer sourceTimeout.`,
  );

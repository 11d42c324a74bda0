import { BanyanError } from '../../error.ts';

/** A computation that cannot become a graph. `auto` runs it eagerly instead. */
export class CaptureError extends BanyanError {
  constructor(what: string, expected: string, mend: string, options?: { cause?: unknown }) {
    super('capture', `${what}, ${expected}. ${mend} Or run it with \`compile: 'eager'\`.`, options);
  }
}

let label = '';

/** The part of a network (a stem, block, head or loss) whose operations are being made: names nodes and errors. */
export const currentLabel = (): string => label;

export function labelled<T>(name: string, work: () => T): T {
  const before = label;
  label = name;
  try {
    return work();
  } finally {
    label = before;
  }
}

/** `stem/words: ` where a part is known. */
export const where = (): string => (label === '' ? '' : `${label}: `);

import { existsSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { BanyanError } from '../../error.ts';
import { writeWhole } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';

/** What a file may hold: how an error says it, and what is written. */
export interface Form<Found> {
  readonly what: string;
  readonly make: (found: Found) => string | Uint8Array;
}

/** A page and the numbers of what is found, which every explanation can be. */
export const pageAndNumbers = <Found>(
  pageOf: (found: Found) => string,
  numbersOf: (found: Found) => unknown = (found) => found,
): Readonly<Record<'.html' | '.json', Form<Found>>> => ({
  '.html': { what: 'a page', make: pageOf },
  '.json': { what: 'numbers', make: (found) => `${JSON.stringify(numbersOf(found), null, 2)}\n` },
});

/**
 * Makes what writes into a file, by its ending; nothing without a file.
 * @throws BanyanError `argument` for another ending, and for a folder that is not there, before anything is computed.
 */
export function writerOf<Found>(
  out: string | undefined,
  forms: Readonly<Record<string, Form<Found>>>,
): (found: Found) => void {
  if (out === undefined) return () => {};
  const form = forms[extname(out)];
  if (form !== undefined) {
    const folder = dirname(out);
    if (!existsSync(folder)) {
      throw new BanyanError(
        'argument',
        `explain: ${out} cannot be written: there is no folder ${folder}. Make it, or choose another path.`,
      );
    }
    return (found) => writeInto(out, form.make(found));
  }
  const expected = Object.entries(forms).map(([ending, { what }]) => `${ending} for ${what}`);
  throw new BanyanError(
    'argument',
    `explain: ${out} ends in "${extname(out)}", expected ${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}. Choose one of these endings.`,
  );
}

function writeInto(path: string, content: string | Uint8Array): void {
  try {
    writeWhole(path, content);
  } catch (error) {
    throw fileError('argument', path, 'written', error);
  }
}

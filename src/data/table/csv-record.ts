/** A record of CSV, as RFC 4180 has it. */
export interface CsvRecord {
  /** The place after its line end. */
  readonly end: number;
  /** It goes over so many lines. */
  readonly lines: number;
  /** It has so many fields; where there is a fault, the fault is in the last of these. */
  readonly fields: number;
  /** One of the faults of quotes. */
  readonly fault?: string;
}

const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22];

const UNCLOSED = 'expected a closing quote, received none';
const AFTER = 'expected the end of a field after its closing quote, received more text';
const WITHIN = 'expected quotes around a whole field, received one within a field';

/** Whether a fault, or what begins with one, is of quotes, which may be text as any other in the file. */
export const isOfQuotes = (fault: string): boolean => [UNCLOSED, AFTER, WITHIN].some((text) => fault.startsWith(text));

/** How fields stand in a record. */
export interface CsvFields {
  /** The byte between two fields. */
  readonly delimiter: number;
  /** Whether quotes stand around fields; else they are text as any other. */
  readonly quotes: boolean;
}

/**
 * Finds the record that begins at `start`; undefined where it may go on after these bytes. A line ends with LF, CR LF or CR.
 * A record with a fault ends with its first line: a quote that is never closed would else take the rest of the file with it.
 */
export function csvRecord(bytes: Buffer, start: number, format: CsvFields, isLast: boolean): CsvRecord | undefined {
  const { delimiter, quotes } = format;
  let [at, fields, lines] = [start, 1, 1];
  const faulty = (fault: string): CsvRecord | undefined => {
    const end = lineEnd(bytes, start, isLast);
    return end === undefined ? undefined : { end, lines: 1, fields, fault };
  };
  for (; ; fields++, at++) {
    if (quotes && bytes[at] === QUOTE) {
      const close = closingQuote(bytes, at + 1, isLast);
      if (close === undefined) return undefined;
      if (close === -1) return faulty(UNCLOSED);
      lines += countLineEnds(bytes, at + 1, close);
      at = close + 1;
      const after = bytes[at];
      if (after !== undefined && after !== delimiter && after !== LF && after !== CR) {
        return faulty(AFTER);
      }
    } else {
      for (; at < bytes.length; at++) {
        const byte = bytes[at];
        if (byte === delimiter || byte === LF || byte === CR) break;
        if (quotes && byte === QUOTE) return faulty(WITHIN);
      }
    }
    if (bytes[at] !== delimiter) break;
  }
  const end = lineEnd(bytes, at, isLast);
  return end === undefined ? undefined : { end, lines, fields };
}

/** The place after the first line end from `start`. */
function lineEnd(bytes: Buffer, start: number, isLast: boolean): number | undefined {
  let at = start;
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
  if (at === bytes.length) return isLast ? at : undefined;
  if (bytes[at] === LF) return at + 1;
  // CR LF is one end: whether LF comes next has to be known.
  if (at + 1 === bytes.length && !isLast) return undefined;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** The place of the quote that closes a field; -1 where there is none, undefined where it may come after these bytes. Two quotes stand for one in the text. */
function closingQuote(bytes: Buffer, start: number, isLast: boolean): number | undefined {
  for (let from = start; ; ) {
    const at = bytes.indexOf(QUOTE, from);
    if (at === -1) return isLast ? -1 : undefined;
    if (at + 1 === bytes.length) return isLast ? at : undefined;
    if (bytes[at + 1] !== QUOTE) return at;
    from = at + 2;
  }
}

function countLineEnds(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count++;
  }
  return count;
}

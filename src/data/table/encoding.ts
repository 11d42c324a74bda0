import { isUtf8 } from 'node:buffer';

/** Bytes of a byte-order mark at a text's start, and what they say. */
const MARKS: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32'],
  [[0, 0, 0xfe, 0xff], 'UTF-32'],
  [[0xff, 0xfe], 'UTF-16, little-endian'],
  [[0xfe, 0xff], 'UTF-16, big-endian'],
];

/** Names the encoding of a text that begins so, where it is plainly another than UTF-8. */
export function otherEncoding(start: Buffer): string | undefined {
  const mark = MARKS.find(([bytes]) => bytes.every((byte, i) => start[i] === byte));
  if (mark !== undefined) return mark[1];
  // Latin letters in UTF-16 have a zero beside each.
  if (start.length >= 2 && start[0] !== 0 && start[1] === 0) return 'UTF-16, little-endian, without its mark';
  return start.length >= 2 && start[0] === 0 && start[1] !== 0 ? 'UTF-16, big-endian, without its mark' : undefined;
}

/** The length of the byte-order mark that UTF-8 may have. */
export const markLength = (start: Buffer): number =>
  start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0;

/** Says whether bytes are UTF-8 up to a letter that may go on after them. */
export function isUtf8SoFar(bytes: Buffer): boolean {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 3 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  if (end > 0 && bytes[end - 1]! >= 0xc0) end--;
  return isUtf8(bytes.subarray(0, end));
}

/** In `expected …, received …`, what is wrong with bytes that are not UTF-8. `offset`: where in the file they begin. */
export function encodingFault(bytes: Buffer, offset: number): string {
  let at = 0;
  for (;;) {
    const length = sequenceLength(bytes[at]!);
    if (at + length > bytes.length || !isUtf8(bytes.subarray(at, at + length))) break;
    at += length;
  }
  const byte = bytes[at]!;
  const letter = new TextDecoder('windows-1252').decode(Uint8Array.of(byte));
  return `expected UTF-8 text, received the byte 0x${byte.toString(16)} (byte ${offset + at} of the file; Latin-1 and Windows-1252 write "${letter}" so)`;
}

const sequenceLength = (byte: number) => (byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2);

// Each byte as a character that can be seen, as in Radford et al. 2019 (GPT-2): printable ones of Latin-1 stand for themselves, and
// the others follow from U+0100 on. So a token is text, and none contains a space.

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

const CHARACTERS: string[] = [];
for (let byte = 0, others = 0; byte < 256; byte++) {
  CHARACTERS.push(String.fromCharCode(isPrintable(byte) ? byte : 0x100 + others++));
}
const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]));

const ENCODER = new TextEncoder();
// A mark of the order of bytes is text as any other.
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** All characters that stand for bytes, in the order of their code points: the ids of a vocabulary begin with them. */
export const ALPHABET: readonly string[] = CHARACTERS.toSorted();

/** Writes the bytes of a text (UTF-8; a half of a surrogate pair becomes U+FFFD) as such characters. */
export const charactersOf = (text: string): string[] => Array.from(ENCODER.encode(text), (byte) => CHARACTERS[byte]!);

/** Reads such characters back; bytes that are no UTF-8 become U+FFFD, and other characters stay as they are. */
export function textOf(characters: string): string {
  const bytes = Array.from(characters, (character) => BYTES.get(character) ?? [...ENCODER.encode(character)]);
  return DECODER.decode(Uint8Array.from(bytes.flat()));
}

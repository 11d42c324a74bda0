/** What a vocabulary of byte pairs is made of: it is kept with a network as it stands. */
export type BytePairData = {
  readonly kind: 'byte-pair';
  /** Runs of bytes, in the order of their ids, each byte a character: see byte-alphabet.ts. */
  readonly tokens: readonly string[];
  /** Two tokens with a space between them each, in the order in which they are merged. */
  readonly merges: readonly string[];
  /** Tokens that stand for themselves wherever a text has them, such as `<|endoftext|>`. */
  readonly added: readonly string[];
  /** Whether a text is read as if a space stood before it, and written without it. */
  readonly prefixSpace: boolean;
  /** Whether letters and their accents are composed first (Unicode NFC). */
  readonly composed: boolean;
};

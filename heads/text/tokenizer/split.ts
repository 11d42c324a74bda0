// The pattern of Radford et al. 2019 (GPT-2): what is merged never crosses these parts. `\p{White_Space}` is what `\s` means in the
// library that made such files; in JavaScript `\s` takes U+FEFF too, and leaves out U+0085.
const PARTS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Splits a text into the parts within which bytes are merged: words with the space before them, numbers, signs, spaces. */
export const splitParts = (text: string): readonly string[] => text.match(PARTS) ?? [];

// What BERT's tokenizer does before words are cut into pieces (Devlin et al. 2019; `BasicTokenizer` of its program).

const CONTROL = /[\p{C}\uFFFD]/gu;
const SPACES = /\p{White_Space}/gu;
const IDEOGRAPHS =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;
const ACCENTS = /\p{Mn}/gu;
// All signs of ASCII, those too that Unicode counts among symbols ($ + < = > ^ ` | ~).
const WORDS = /[\p{P}$+<=>^`|~]|[^\p{P}$+<=>^`|~ ]+/gu;

/** Splits a text into words: at spaces, with every sign of punctuation and every ideograph for itself; lower case without accents, or as written. */
export function bertWords(text: string, lowercase: boolean): readonly string[] {
  // Spaces first: some of them are control characters too.
  const spaced = text.replace(SPACES, ' ').replace(CONTROL, '').replace(IDEOGRAPHS, ' $& ');
  const written = lowercase ? lowered(spaced.normalize('NFD').replace(ACCENTS, '')) : spaced;
  return written.match(WORDS) ?? [];
}

/** Character by character: at the end of a word, JavaScript knows another lower case of Σ. */
const lowered = (text: string): string => Array.from(text, (character) => character.toLowerCase()).join('');

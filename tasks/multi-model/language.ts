import { requireData } from 'banyan-ml/data';
import { bytePairVocabulary, tokenStem, type Vocabulary, writer } from 'banyan-ml/heads/text';
import { trainingSentences } from '../intents.ts';
import { CAPTIONED, readCaptions } from './captioned-pictures.ts';
import { DIGIT_NAMES } from './connected-digits.ts';
import { readTrees, TREES } from './dependency-trees.ts';
import { PAIRS, readSentencePairs } from './sentence-pairs.ts';
import { readUtterances, WORDS } from './spoken-words.ts';

/** Runs of bytes that can be read and written, brackets of trees among them. */
const SIZE = 3000;
/** The longest sentence has so many of them, and the longest tree. */
const [READ, WRITTEN] = [64, 79];

let made: Vocabulary | undefined;

/** Learns the vocabulary of all that is read and written, of what is trained on. */
const vocabulary = (): Vocabulary =>
  (made ??= bytePairVocabulary(texts(), { size: SIZE, added: brackets(), prefixSpace: true }));

function* texts(): Iterable<string> {
  for (const { input, target } of readSentencePairs(requireData(PAIRS)).training) yield* [input, target as string];
  for (const { caption } of readCaptions(requireData(CAPTIONED)).training) yield caption;
  for (const { input } of readTrees(requireData(TREES), 'training')) yield input;
  for (const { words } of readUtterances(requireData(WORDS), 'train')) yield words;
  yield* trainingSentences();
  yield* DIGIT_NAMES;
}

/** Lists what trees are written with: brackets with their label, whole ones of a word without dependents, words, and runs of ends. */
function brackets(): readonly string[] {
  const trees = readTrees(requireData(TREES), 'training').map(({ target }) => target!);
  return [...new Set(trees.flatMap((tree) => tree.match(/ \([^ ()]+ \*\)| ?\([^ ()]+| \*|\)+/g)!))].sort();
}

/** The way in of all sentences. */
export const sentences = tokenStem({ vocabulary, length: READ, positions: 'none', dropout: 0.1 });

/** The way out of all that is written: translations, transcripts, captions and trees. */
export const writing = writer({ vocabulary, length: WRITTEN, labelSmoothing: 0.1 });

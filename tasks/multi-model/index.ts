import { bleu, bracketF1, defineTask } from 'banyan-ml';
import { type Source, type StoredSourceOptions, storedSource } from 'banyan-ml/data';
import { framesStem, maskMels, maskTime, spectrogramStem } from 'banyan-ml/heads/audio';
import { classifier, residualStem } from 'banyan-ml/heads/vision';
import { countsOf } from '../counts.ts';
import { DIGITS, hearing } from '../digit-recordings.ts';
import { INTENTS } from '../intent-names.ts';
import { intentSource } from '../intents.ts';
import { CAPTIONED, openCaptioned, SIDE } from './captioned-pictures.ts';
import { openConnectedDigits, SECONDS } from './connected-digits.ts';
import { readTrees, TREES } from './dependency-trees.ts';
import { sentences, writing } from './language.ts';
import { CLOTHES, openPhotographs, PHOTOGRAPHS } from './photographs.ts';
import { PAIRS, readSentencePairs } from './sentence-pairs.ts';
import { CEPSTRA, FRAMES, openSpokenWords, WORDS } from './spoken-words.ts';

// As in "One Model To Learn Them All" (Kaiser et al. 2017), each modality has one way in, and all that is written has one way out.

const pictures = residualStem<Uint8Array>({
  height: SIDE,
  width: SIDE,
  channels: 3,
  entry: [16, 32],
  filters: [64],
  mean: 0.75,
  deviation: 0.3,
  positions: 'none',
});

function source<Input, Target>(
  folder: string,
  licence: string,
  description: string,
  open: StoredSourceOptions<Input, Target>['open'],
): Source<Input, Target> {
  return storedSource({ folder, facts: { licence, description }, open });
}

/** Tatoeba: what a short German sentence says, in English. */
export const translation = defineTask({
  name: 'translation',
  stem: sentences,
  head: writing,
  source: source(PAIRS, 'CC BY 2.0', 'Tatoeba: short sentences in German and English (manythings.org/anki)', (path) => {
    const pairs = readSentencePairs(path);
    return { counts: countsOf(pairs), example: (split, i) => pairs[split][i]! };
  }),
  metrics: [() => bleu({ words: '13a', smoothing: 'exponential' })],
});

/** Emoji: what a small picture shows, in its official name. */
export const captions = defineTask({
  name: 'captions',
  stem: pictures,
  head: writing,
  source: source(
    CAPTIONED,
    'CC BY 4.0, Apache-2.0',
    'Emoji of Noto, Twemoji and EmojiTwo with their names, 32 x 32',
    openCaptioned,
  ),
});

/** UD English Atis: how the words of a question about flights depend on each other, as a tree in brackets. */
export const parsing = defineTask({
  name: 'parsing',
  stem: sentences,
  head: writing,
  source: source(TREES, 'CC BY-SA 4.0', 'UD English Atis: questions about flights with their trees', (path) => {
    const trees = {
      training: readTrees(path, 'training'),
      validation: readTrees(path, 'validation'),
      test: readTrees(path, 'test'),
    };
    return { counts: countsOf(trees), example: (split, i) => trees[split][i]! };
  }),
  metrics: [bracketF1],
});

/** Free Spoken Digit Dataset: which three to five digits one speaker says. */
export const connectedDigits = defineTask({
  name: 'connected-digits',
  stem: spectrogramStem({
    ...hearing,
    seconds: SECONDS,
    varying: true,
    positions: 'none',
    augment: [maskTime({ frames: 8 }), maskMels({ mels: 6 })],
  }),
  head: writing,
  source: source(
    DIGITS,
    'CC BY-SA 4.0',
    'Free Spoken Digit Dataset: strings of English digits by six speakers, 8 kHz (Jackson et al.)',
    openConnectedDigits,
  ),
});

/** AN4: what is spelled, counted and commanded in real continuous speech. */
export const spokenWords = defineTask({
  name: 'spoken-words',
  stem: framesStem({ numbers: CEPSTRA, length: FRAMES, positions: 'none' }),
  head: writing,
  source: source(
    WORDS,
    'BSD-like',
    'AN4: spelled names, numbers and commands as cepstra (Acero 1990)',
    openSpokenWords,
  ),
});

/** Clothing: which of ten kinds of clothes a small colour photograph shows. */
export const photographs = defineTask({
  name: 'photographs',
  stem: pictures,
  head: classifier({ classes: CLOTHES }),
  source: source(
    PHOTOGRAPHS,
    'CC0 1.0',
    'Clothing: colour photographs of ten kinds of clothes, 32 x 32',
    openPhotographs,
  ),
});

/** BANKING77, read like all other sentences: what a bank's customer wants. */
export const requests = defineTask({
  name: 'requests',
  stem: sentences,
  head: classifier({ classes: INTENTS, labelSmoothing: 0.1 }),
  source: intentSource,
});

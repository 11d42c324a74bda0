// node --conditions=source --import tsx src/cli/banyan.ts train examples/snips.yaml
//
// A plugin with two tasks on one input: what a sentence asks for (its intent), and which of its words say what (its slots). SNIPS NLU
// (Coucke et al. 2018) is no table of rows, so its files are read here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTask, taskPlugin } from 'banyan-ml';
import { type Example, holdOutFraction, requireData, type Split, storedSource } from 'banyan-ml/data';
import { classifier, tagger, wholeWords, wordsStem } from 'banyan-ml/heads/text';

const FOLDER = 'text/snips-nlu';
const INTENTS = [
  'AddToPlaylist',
  'BookRestaurant',
  'GetWeather',
  'PlayMusic',
  'RateBook',
  'SearchCreativeWork',
  'SearchScreeningEvent',
];
const SLOTS = `
  album artist best_rating city condition_description condition_temperature country cuisine current_location entity_name facility genre
  geographic_poi location_name movie_name movie_type music_item object_location_type object_name object_part_of_series_type object_select
  object_type party_size_description party_size_number playlist playlist_owner poi rating_unit rating_value restaurant_name restaurant_type
  served_dish service sort spatial_relation state timeRange track year
`.match(/\w+/g)!;
/** No sentence has more words. */
const LENGTH = 36;

type Sentence = Example<readonly string[], { readonly slots: readonly string[]; readonly intent: number }>;
/** In a file a sentence is a list of pieces; those that fill a slot say which. */
type File = Readonly<Record<string, readonly { readonly data: readonly { text: string; entity?: string }[] }[]>>;

/** Reads `train_INTENT_full.json` or `validate_INTENT.json` of every intent. */
function read(folder: string, name: (intent: string) => string): Sentence[] {
  return INTENTS.flatMap((intent, number) => {
    const bytes = readFileSync(join(folder, name(intent)));
    // One of the files is Latin-1.
    const text = bytes.toString(name(intent) === 'train_PlayMusic_full.json' ? 'latin1' : 'utf8');
    return (JSON.parse(text) as File)[intent]!.map(({ data }) => {
      const words = data.flatMap(({ text, entity }) =>
        (text.match(/\S+/g) ?? []).map(
          (word, i) => [word, entity === undefined ? 'O' : `${i === 0 ? 'B' : 'I'}-${entity}`] as const,
        ),
      );
      return {
        input: words.map(([word]) => word),
        target: { slots: words.map(([, label]) => label), intent: number },
      };
    });
  });
}

/** All that is not for the test, and which of it validates. */
function readTraining(folder: string) {
  const sentences = read(folder, (intent) => `train_${intent}_full.json`);
  const partition = holdOutFraction(sentences.length, 0.05);
  return { partition, example: (split: 'training' | 'validation', i: number) => sentences[partition.at(split, i)]! };
}

const source = storedSource<Sentence['input'], NonNullable<Sentence['target']>>({
  folder: FOLDER,
  facts: { licence: 'CC0 1.0', description: 'SNIPS NLU: what a sentence asks for, and its slots (Coucke et al. 2018)' },
  open: (path) => {
    const { partition, example } = readTraining(path);
    const test = read(path, (intent) => `validate_${intent}.json`);
    const { training, validation } = partition;
    return {
      counts: { training, validation, test: test.length },
      example: (split: Split, i: number) => (split === 'test' ? test[i]! : example(split, i)),
    };
  },
});

// Of the sentences trained on: a word that only others have is read by its letters.
const words = wordsStem({
  vocabulary: () => {
    const { partition, example } = readTraining(requireData(FOLDER));
    const sentences = Array.from({ length: partition.training }, (_, i) => example('training', i).input);
    return wholeWords(sentences, { minimumCount: 2 });
  },
  length: LENGTH,
  pieces: 20_000,
  dropout: 0.1,
  wordDropout: 0.1,
});

const slots = defineTask({
  name: 'slots',
  stem: words,
  head: tagger({ labels: ['O', ...SLOTS.flatMap((slot) => [`B-${slot}`, `I-${slot}`])], length: LENGTH }),
  source,
  target: 'slots',
});
const intent = defineTask({
  name: 'intent',
  stem: words,
  head: classifier({ classes: INTENTS }),
  source,
  target: 'intent',
});

export default taskPlugin(slots, intent);

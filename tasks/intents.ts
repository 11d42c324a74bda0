import { join } from 'node:path';
import { BanyanError, defineTask } from 'banyan-ml';
import { type Example, holdOutFraction, readCsv, requireData, type Split, storedSource } from 'banyan-ml/data';
import * as text from 'banyan-ml/heads/text';
import { INTENTS } from './intent-names.ts';

const folder = 'text/banking77';
const CLASS: ReadonlyMap<string, number> = new Map(INTENTS.map((name, i) => [name, i]));

function read(path: string): Example<string, number>[] {
  return readCsv(path, { columns: ['text', 'category'] }).map(({ line, values }) => {
    const target = CLASS.get(values.category);
    if (target === undefined) {
      throw new BanyanError(
        'data',
        `${path}, line ${line}: expected one of BANKING77's ${INTENTS.length} categories, received "${values.category}". Correct the row.`,
      );
    }
    return { input: values.text, target };
  });
}

function readTraining(path: string) {
  const stored = read(join(path, 'train.csv'));
  const partition = holdOutFraction(stored.length, 0.1);
  return {
    partition,
    example: (split: 'training' | 'validation', index: number) => stored[partition.at(split, index)]!,
  };
}

/** The sentences that are trained on: a word that only validation has would keep its random vector. */
export function trainingSentences(): readonly string[] {
  const { partition, example } = readTraining(requireData(folder));
  return Array.from({ length: partition.training }, (_, index) => example('training', index).input);
}

export const intentSource = storedSource({
  folder,
  facts: {
    licence: 'CC BY 4.0',
    description: 'BANKING77: questions of bank customers, 77 intents (Casanueva et al. 2020)',
  },
  open: (path) => {
    const { partition, example } = readTraining(path);
    const test = read(join(path, 'test.csv'));
    const counts = { training: partition.training, validation: partition.validation, test: test.length };
    const at = (split: Split, index: number) => (split === 'test' ? test[index]! : example(split, index));
    return {
      counts,
      example: at,
      strata: (split) => Array.from({ length: counts[split] }, (_, index) => at(split, index).target!),
    };
  },
});

/** BANKING77: what a bank's customer wants, in one or a few sentences. */
export const intents = defineTask({
  name: 'intents',
  stem: text.tokenStem({
    vocabulary: () => text.wordVocabulary(trainingSentences(), { minimumCount: 2 }),
    length: 32,
    dropout: 0.2,
    wordDropout: 0.1,
    pieces: 16_384,
  }),
  // Some of the labels are wrong (Ying and Thomas 2022): without smoothing they are learned by heart.
  head: text.classifier({ classes: INTENTS, labelSmoothing: 0.1 }),
  source: intentSource,
});

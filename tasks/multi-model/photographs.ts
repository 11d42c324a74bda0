import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import { readIdx, type Split, type StoredSet } from 'banyan-ml/data';
import { readColours } from './captioned-pictures.ts';

export const PHOTOGRAPHS = 'vision/clothing-small';

/** The names of the classes, as the set's own file has them. */
export const CLOTHES = [
  'dress',
  'hat',
  'longsleeve',
  'outwear',
  'pants',
  'shirt',
  'shoes',
  'shorts',
  'skirt',
  't-shirt',
] as const;

const FILES: Readonly<Record<Split, string>> = { training: 'train', validation: 'validation', test: 'test' };

/** Opens the photographs, `[32, 32, 3]` bytes each, with their classes. */
export function openPhotographs(folder: string): StoredSet<Uint8Array, number> {
  const names = readFileSync(join(folder, 'classes.txt'), 'utf8').trim().split('\n');
  if (names.join() !== CLOTHES.join()) {
    throw new BanyanError(
      'data',
      `${join(folder, 'classes.txt')}: expected ${CLOTHES.join(', ')}, received ${names.join(', ')}. Fetch the set again.`,
    );
  }
  const splits = {
    training: open(folder, 'training'),
    validation: open(folder, 'validation'),
    test: open(folder, 'test'),
  };
  return {
    counts: {
      training: splits.training.targets.length,
      validation: splits.validation.targets.length,
      test: splits.test.targets.length,
    },
    example: (split, i) => {
      const { pictures, targets } = splits[split];
      return { input: pictures.read(i, i + 1), target: targets[i]! };
    },
    strata: (split) => splits[split].targets,
  };
}

function open(folder: string, split: Split) {
  const pictures = readColours(join(folder, `${FILES[split]}-images-idx4-ubyte.gz`));
  const labels = readIdx(join(folder, `${FILES[split]}-labels-idx1-ubyte.gz`));
  const targets = labels.read(0, labels.shape[0]!);
  const wrong = targets.findIndex((label) => label >= CLOTHES.length);
  if (targets.length === pictures.shape[0] && wrong === -1) return { pictures, targets };
  throw new BanyanError(
    'data',
    `${labels.path}: expected ${pictures.shape[0]} labels from 0 to ${CLOTHES.length - 1}, received ${targets.length}${wrong === -1 ? '' : `, among them ${targets[wrong]}`}. Fetch the set again.`,
  );
}

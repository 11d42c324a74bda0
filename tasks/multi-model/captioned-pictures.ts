import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import { readCsv, readIdx, type Split, type StoredSet } from 'banyan-ml/data';
import { countsOf } from '../counts.ts';

export const CAPTIONED = 'captioning/emoji';

export const SIDE = 32;
const CHANNELS = 3;
const SPLITS: Readonly<Record<string, Split>> = { train: 'training', validation: 'validation', test: 'test' };

interface Caption {
  readonly index: number;
  readonly caption: string;
}

/** Reads the captions of each split, with the numbers of their pictures. */
export function readCaptions(folder: string): Readonly<Record<Split, readonly Caption[]>> {
  const table = join(folder, 'captions.csv');
  const captions: Record<Split, Caption[]> = { training: [], validation: [], test: [] };
  for (const { line, values } of readCsv(table, { columns: ['index', 'split', 'caption'] })) {
    const split = SPLITS[values.split];
    const index = Number(values.index);
    if (split === undefined || !Number.isInteger(index) || values.index === '') {
      throw new BanyanError(
        'data',
        `${table}, line ${line}: expected the number of a picture, and a split train, validation or test, received "${values.index}" and "${values.split}". Fetch the file again.`,
      );
    }
    captions[split].push({ index, caption: values.caption });
  }
  return captions;
}

/** Opens the pictures, `[32, 32, 3]` bytes each, with their captions. */
export function openCaptioned(folder: string): StoredSet<Uint8Array, string> {
  const captions = readCaptions(folder);
  const pictures = readColours(join(folder, 'images-idx4-ubyte.gz'));
  return {
    counts: countsOf(captions),
    example: (split, i) => {
      const { index, caption } = captions[split][i]!;
      return { input: pictures.read(index, index + 1), target: caption };
    },
  };
}

/**
 * Opens a file of colour pictures.
 * @throws BanyanError `data` for pictures of another size.
 */
export function readColours(path: string) {
  const pictures = readIdx(path);
  const expected = [pictures.shape[0], SIDE, SIDE, CHANNELS];
  if (pictures.shape.join() === expected.join()) return pictures;
  throw new BanyanError(
    'data',
    `${path}, byte 4: expected dimensions [count, ${SIDE}, ${SIDE}, ${CHANNELS}], received [${pictures.shape.join(', ')}]. Fetch the file again.`,
  );
}

import { fnv1a } from 'banyan-ml/data';
import { expect, it } from 'vitest';
import { PIECES, pieceIds } from '../../heads/text/pieces.ts';

const idsOf = (...pieces: string[]) => pieces.map((piece) => 1 + (fnv1a(piece) % 1000));
const padded = (...ids: number[]) => [...ids, ...Array<number>(PIECES - ids.length).fill(0)];

it('reads of each word the pair with the next one, and runs of three to five characters', () => {
  const [my, card] = pieceIds(['my', 'card'], 1000);
  expect(my).toEqual(padded(...idsOf('my card', '<my', 'my>', '<my>')));
  const runs = idsOf('<ca', 'car', 'ard', 'rd>', '<car', 'card', 'ard>', '<card', 'card>');
  expect(card).toEqual(padded(0, ...runs));
});

it('leaves out the longest runs of a long word, and takes characters whole', () => {
  const [long, face] = pieceIds(['a'.repeat(40), '\u{1F600}'], 1000);
  expect(long).toHaveLength(PIECES);
  expect(long!.every((id) => id > 0 && id <= 1000)).toBe(true);
  expect(face).toEqual(padded(0, ...idsOf('<\u{1F600}>')));
});

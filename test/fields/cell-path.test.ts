import { expect, it } from 'vitest';
import { cellPath } from '../../src/fields/cell-path.ts';

const place = { row: 'row 0', columns: ['photo'], folder: '/data' };

it('a cell names a file in the folder of its row, and none where the row came from elsewhere', () => {
  expect(cellPath('a/b.png', place, 'picture')).toBe('/data/a/b.png');
  expect(() => cellPath(3, place, 'picture')).toThrow(
    'row 0, column "photo": expected the path of a picture, received 3. Fill the cell, or leave the row out.',
  );
  for (const cell of ['a.png', '/etc/passwd', '../a.png'])
    expect(() => cellPath(cell, { ...place, folder: undefined }, 'picture')).toThrow(
      `row 0, column "photo": expected none, since a row from elsewhere may name no picture of this machine, received "${cell}". Predict it by \`banyan predict\` where the file is.`,
    );
});

import { generatedSource, type RandomStream } from 'banyan-ml/data';
import { CELL, drawGlyph, GLYPH_COUNT } from './glyphs.ts';

/** Rows and columns of cells, and of pixels. */
export const CELLS = 9;
export const SIDE = CELLS * CELL;
/** A picture shows 1 to so many things. */
const MOST = 30;

/** Paints a type's glyph into its cell of a picture `[54, 54, 1]` of 0 and 1, which begins at place `at`. */
export function paint(picture: Float32Array, type: number, row: number, column: number, at = 0): void {
  drawGlyph(type, (pixelRow, pixelColumn) => {
    picture[at + (row * CELL + pixelRow) * SIDE + column * CELL + pixelColumn] = 1;
  });
}

/** Draws 1 to 30 things of any type in cells of their own. */
function draw(random: RandomStream): Float32Array {
  const picture = new Float32Array(SIDE * SIDE);
  const cells = Array.from({ length: CELLS * CELLS }, (_, cell) => cell);
  const count = 1 + random.integer(MOST);
  for (let k = 0; k < count; k++) {
    const j = k + random.integer(cells.length - k);
    [cells[k], cells[j]] = [cells[j]!, cells[k]!];
    paint(picture, random.integer(GLYPH_COUNT), Math.floor(cells[k]! / CELLS), cells[k]! % CELLS);
  }
  return picture;
}

/** Pictures as gathering has them, without labels: the target is the picture itself. */
export const scenesSource = generatedSource({
  name: 'scenes',
  description: 'Generated pictures of 1 to 30 plusses, crosses and circles on 9 x 9 cells, 54 x 54, without labels',
  counts: { training: 4000, validation: 200, test: 200 },
  make: (random) => {
    const input = draw(random);
    return { input, target: input };
  },
});

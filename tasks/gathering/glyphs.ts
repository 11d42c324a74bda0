/** A cell of the field is so many pixels wide and high; a glyph leaves its last row and column black. */
export const CELL = 6;

/** By type: the plus that acts, the cross, the circle. */
const GLYPHS = [
  ['..#..', '..#..', '#####', '..#..', '..#..'],
  ['#...#', '.#.#.', '..#..', '.#.#.', '#...#'],
  ['.###.', '#...#', '#...#', '#...#', '.###.'],
] as const;

export const GLYPH_COUNT = GLYPHS.length;

const PLACES = GLYPHS.map((glyph) =>
  glyph.flatMap((line, row) => [...line].flatMap((pixel, column) => (pixel === '#' ? [[row, column] as const] : []))),
);

/** Calls `paint` with row and column of each white pixel of a type's glyph, within its cell. */
export function drawGlyph(type: number, paint: (row: number, column: number) => void): void {
  for (const [row, column] of PLACES[type]!) paint(row, column);
}

import { cssOf } from './colours.ts';
import { captioned, cut, escaped, INK, LETTER, LINE } from './svg.ts';

/** A grid has a colour and a text in each cell. */
export interface Grid {
  /** These stand downwards. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** By row and column: from -1 to 1, full blue to full red; undefined where there is nothing. */
  readonly shares: readonly (readonly (number | undefined)[])[];
  /** What stands in the cells. */
  readonly labels: readonly (readonly string[])[];
}

const HEIGHT = 28;
const MOST = 28;

/** Draws a grid, with its caption above it. */
export function gridSvg({ rows, columns, shares, labels }: Grid, caption: string): string {
  const names = rows.map((row) => cut(row, MOST));
  const left = LETTER * Math.max(...names.map(({ length }) => length)) + 12;
  const widest = Math.max(...[...columns, ...labels.flat()].map((text) => Array.from(text).length));
  const width = Math.max(44, LETTER * widest + 12);
  const heads = columns.map(
    (column, c) =>
      `<text x="${left + (c + 0.5) * width}" y="16" text-anchor="middle" fill="${INK}">${escaped(column)}</text>`,
  );
  const lines = names.map((name, r) => {
    const y = LINE + r * HEIGHT;
    const cells = columns.map((_, c) => {
      const share = shares[r]![c];
      if (share === undefined) return '';
      const x = left + c * width;
      return `<rect x="${x}" y="${y}" width="${width - 2}" height="${HEIGHT - 2}" fill="${cssOf(share, 0.7)}" stroke="${INK}" stroke-opacity="0.15"/><text x="${x + width / 2 - 1}" y="${y + 18}" text-anchor="middle" fill="${INK}">${escaped(labels[r]![c]!)}</text>`;
    });
    return `<text x="${left - 10}" y="${y + 18}" text-anchor="end" fill="${INK}">${escaped(name)}</text>${cells.join('')}`;
  });
  return captioned(left + columns.length * width, LINE + rows.length * HEIGHT, caption, [...heads, ...lines].join(''));
}

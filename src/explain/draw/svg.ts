import type { Picture } from '../../task/display.ts';
import { cssOf, strongest } from './colours.ts';
import { pngOf } from './png.ts';

// A page gives its own colour to text; its letters are all as wide as each other, so that marks lie under their words.
export const INK = 'currentColor';
const FONT = 'font-family="ui-monospace, monospace" font-size="14"';
export const LETTER = 8.5;
export const LINE = 26;
const [SPACE, WIDTH] = [8, 720];

/** A drawing with its caption above it. */
export function captioned(width: number, height: number, caption: string, drawing: string): string {
  const room = Math.max(width, Math.ceil(LETTER * caption.length));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${room}" height="${height + LINE}" viewBox="0 ${-LINE} ${room} ${height + LINE}" ${FONT}><text y="-10" fill="${INK}">${escaped(caption)}</text>${drawing}</svg>`;
}

/** A picture as SVG, with its pixels kept apart; with `values`, what its colours stand for. */
export function pictureSvg(picture: Picture, caption: string, values?: Float64Array): string {
  const { width, height } = picture;
  const data = Buffer.from(pngOf(picture)).toString('base64');
  const image = `<image width="${width}" height="${height}" href="data:image/png;base64,${data}" style="image-rendering: pixelated"/>`;
  if (values === undefined) return captioned(width, height, caption, image);
  return captioned(width, height + LINE, caption, image + scaleSvg(values, height));
}

/** Shades of each sign that a scale shows, and their width. */
const [SHADES, SHADE] = [5, 12];

/** Draws what the colours of these values stand for, from the least to the largest. */
function scaleSvg(values: Float64Array, top: number, opacity?: number): string {
  const most = strongest(values);
  const from = values.some((value) => value < 0) ? -SHADES : 0;
  const [low, high] = [from < 0 ? figure(-most) : '0', figure(most)];
  const left = LETTER * low.length + SPACE;
  const shades = Array.from({ length: SHADES - from + 1 }, (_, i) => {
    const colour = cssOf((from + i) / SHADES, opacity);
    return `<rect x="${left + i * SHADE}" y="${top + 8}" width="${SHADE}" height="12" fill="${colour}"/>`;
  });
  const right = left + shades.length * SHADE + SPACE;
  const words = (x: number, text: string) => `<text x="${x}" y="${top + 19}" fill="${INK}">${text}</text>`;
  return words(0, low) + shades.join('') + words(right, high);
}

/** The strongest mark of a word, through which it can be read. */
const MARKED = 0.6;

/** A sentence whose words are marked by their values. */
export function sentenceSvg(words: readonly string[], values: Float64Array, caption: string): string {
  const most = strongest(values.subarray(0, words.length));
  let [x, y] = [0, 0];
  const marks = words.map((word, i) => {
    const size = LETTER * Array.from(word).length + SPACE;
    if (x > 0 && x + size > WIDTH) [x, y] = [0, y + LINE];
    const mark = `<g><title>${escaped(word)} ${figure(values[i]!)}</title><rect x="${x}" y="${y}" width="${size}" height="${LINE - 4}" rx="3" fill="${cssOf(values[i]! / most, MARKED)}"/><text x="${x + SPACE / 2}" y="${y + 16}" fill="${INK}" textLength="${size - SPACE}">${escaped(word)}</text></g>`;
    x += size + 2;
    return mark;
  });
  const scale = scaleSvg(values.subarray(0, words.length), y + LINE, MARKED);
  return captioned(WIDTH, y + 2 * LINE, caption, marks.join('') + scale);
}

/** A bar for each column of a row, the strongest first: to the right what speaks for the outcome, to the left what speaks against it. */
export function barsSvg(
  columns: readonly { readonly name: string; readonly value: string }[],
  values: Float64Array,
  caption: string,
): string {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  const [middle, half] = [WIDTH * 0.62, WIDTH * 0.28];
  const order = columns.map((_, i) => i).sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!));
  const rows = order.map((i, row) => {
    const { name, value } = columns[i]!;
    const size = (half * Math.abs(values[i]!)) / most;
    const y = row * LINE;
    const text = cut(`${name} = ${value}`, 32);
    return `<text x="${middle - half - 14}" y="${y + 16}" text-anchor="end" fill="${INK}">${escaped(text)}</text><rect x="${values[i]! < 0 ? middle - size : middle}" y="${y + 3}" width="${size.toFixed(1)}" height="${LINE - 8}" fill="${cssOf(Math.sign(values[i]!))}"/><text x="${middle + half + 6}" y="${y + 16}" fill="${INK}">${figure(values[i]!)}</text>`;
  });
  const height = columns.length * LINE;
  const axis = `<line x1="${middle}" x2="${middle}" y1="0" y2="${height}" stroke="${INK}" stroke-opacity="0.4"/>`;
  return captioned(WIDTH, height, caption, rows.join('') + axis);
}

/** A value with its sign, in three digits. */
export const figure = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toPrecision(3)}`;

export const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

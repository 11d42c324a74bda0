import type { Mark } from '../../../task/display.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** So many colours for types; further types begin again. */
const COLOURS = 6;

/** A layer over a picture that points out things in it. */
export class Marks {
  readonly element: SVGElement;

  /** The size of the picture, in its own pixels. */
  constructor(width: number, height: number) {
    this.element = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'pointed', 'aria-hidden': true });
  }

  show(marks: readonly Mark[]): void {
    const most = Math.max(...marks.map(({ says = 0 }) => Math.abs(says)));
    this.element.replaceChildren(...marks.map((mark) => drawn(mark, most)));
  }
}

/** What speaks most for or against the move is filled most. */
function drawn({ row, column, size, type, name, label, says, track = [] }: Mark, most: number): SVGElement {
  const group = svg('g', { class: `mark type-${type % COLOURS}` });
  const title = svg('title', {});
  title.textContent = says === undefined ? name : `${name}: ${signed(says)}`;
  const [x, y] = [column - size / 2, row - size / 2];
  group.append(title, svg('rect', { x, y, width: size, height: size, rx: size / 10 }));
  if (says !== undefined && says !== 0) {
    const opacity = (0.6 * Math.abs(says)) / most;
    group.append(svg('rect', { x, y, width: size, height: size, opacity, class: says > 0 ? 'for' : 'against' }));
  }
  if (track.length > 1) {
    group.append(svg('polyline', { points: track.map(([row, column]) => `${column},${row}`).join(' ') }));
  }
  // A word for each would cover them all.
  const words = label ?? (says !== undefined && Math.abs(says) >= most / 3 && says !== 0 ? signed(says) : undefined);
  if (words !== undefined) {
    const text = svg('text', { x: column, y: row + size / 8, 'font-size': size / 3 });
    text.textContent = words;
    group.append(text);
  }
  return group;
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

function svg(name: string, attributes: Readonly<Record<string, string | number | boolean>>): SVGElement {
  const created = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, String(value));
  return created;
}

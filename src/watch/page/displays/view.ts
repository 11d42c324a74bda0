import type { WirePart, WireShown } from '../../wire.ts';
import { bytesOf } from '../bytes.ts';
import { element } from '../element.ts';
import { percent } from '../words.ts';
import { curveCanvas } from './curve.ts';
import { filmView } from './film.ts';
import { paint, pixels } from './pixels.ts';
import { soundView } from './sound.ts';

/** Something of a display in the page. */
export interface View {
  readonly element: HTMLElement;
  /** Whether someone looks at it or listens to it just now: then it should stay. */
  readonly busy?: boolean;
  /** Gives back what it holds outside the page. */
  close?(): void;
}

function partView(part: WirePart): View {
  switch (part.kind) {
    case 'picture': {
      const { canvas, frame } = pixels(part.width, part.height, 'Picture');
      paint(canvas, bytesOf(part.rgb));
      return { element: frame };
    }
    case 'film':
      return filmView(part);
    case 'sound':
      return soundView(part);
    case 'curve': {
      const caption = element('figcaption', { className: 'note', textContent: part.label });
      return { element: element('figure', { className: 'curve' }, curveCanvas(part.values, part.label), caption) };
    }
    case 'words':
      return { element: element('blockquote', { textContent: part.text }) };
  }
}

/** What is said about a display; right and wrong by sign and word too, not by colour alone. */
function saying({ predicted, confidence, expected, right, words }: WireShown): HTMLElement | undefined {
  if (words !== undefined) return element('p', { className: 'saying' }, element('strong', { textContent: words }));
  if (predicted === undefined) return undefined;
  const sign = right === undefined ? '' : right ? '✓ ' : '✗ ';
  const line = element(
    'p',
    { className: `saying ${right === undefined ? '' : right ? 'right' : 'wrong'}` },
    element('strong', { textContent: `${sign}${predicted}` }),
    confidence === undefined ? '' : ` ${percent(confidence)}`,
  );
  if (expected !== undefined && right !== true) line.append(element('br'), `is: ${expected}`);
  return line;
}

const WIDE: readonly WirePart['kind'][] = ['sound', 'curve', 'words'];

/** One example: its parts, and what is said about it. */
export function displayView(shown: WireShown): View {
  const views = shown.parts.map(partView);
  const said = saying(shown);
  const wide = shown.parts.some(({ kind }) => WIDE.includes(kind));
  return {
    element: element(
      'div',
      { className: wide ? 'display wide' : 'display' },
      ...views.map((view) => view.element),
      ...(said === undefined ? [] : [said]),
    ),
    get busy() {
      return views.some(({ busy }) => busy);
    },
    close: () => {
      for (const view of views) view.close?.();
    },
  };
}

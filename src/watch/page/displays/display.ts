import type { WirePart, WireShown } from '../../wire.ts';
import { bytesOf } from '../bytes.ts';
import { element } from '../element.ts';
import { percent } from '../words.ts';
import { curveCanvas } from './curve.ts';
import { filmView } from './film.ts';
import { paint, pixels } from './pixels.ts';
import { soundView } from './sound.ts';
import { treeDrawing } from './tree.ts';
import { layTree } from './tree-layout.ts';
import type { View } from './view.ts';

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

/** Says what the network makes of an example; right and wrong by sign and word too, not by colour alone. A tree in brackets is drawn. */
function explanation({ predicted, confidence, expected, right, words, parts }: WireShown): HTMLElement | undefined {
  if (words !== undefined) return element('p', { className: 'explanation' }, element('strong', { textContent: words }));
  if (predicted === undefined) return undefined;
  const sign = right === undefined ? '' : right ? '✓ ' : '✗ ';
  const read = parts.flatMap((part) => (part.kind === 'words' ? part.text.trim().split(/\s+/) : []));
  const tree = layTree(predicted, read);
  const line = element(
    'div',
    { className: `explanation ${right === undefined ? '' : right ? 'right' : 'wrong'}` },
    element('strong', { textContent: tree === undefined ? `${sign}${predicted}` : sign }),
    tree === undefined ? '' : treeDrawing(tree),
    confidence === undefined ? '' : ` ${percent(confidence)}`,
  );
  if (expected !== undefined && right !== true) {
    const expectedTree = layTree(expected, read);
    line.append(element('br'), `is: ${expectedTree === undefined ? expected : ''}`);
    if (expectedTree !== undefined) line.append(treeDrawing(expectedTree));
  }
  return line;
}

const WIDE: readonly WirePart['kind'][] = ['sound', 'curve', 'words'];

/** Shows one example: its parts, and what the network makes of it. */
export function displayView(shown: WireShown): View {
  const views = shown.parts.map(partView);
  const note = explanation(shown);
  const wide = shown.parts.some(({ kind }) => WIDE.includes(kind));
  return {
    element: element(
      'div',
      { className: wide ? 'display wide' : 'display' },
      ...views.map((view) => view.element),
      ...(note === undefined ? [] : [note]),
    ),
    get busy() {
      return views.some(({ busy }) => busy);
    },
    close: () => {
      for (const view of views) view.close?.();
    },
  };
}

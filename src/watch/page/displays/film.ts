import type { WirePart } from '../../wire.ts';
import { bytesOf } from '../bytes.ts';
import { element } from '../element.ts';
import { Marks } from './marks.ts';
import { paint, pixels } from './pixels.ts';
import type { View } from './view.ts';

const LARGE = 260;
/** With words in it. */
const MARKED = 380;

const LEGEND =
  'Frames: what is seen, a colour for each type. Green speaks for the next move, red against it. Lines: where it came from.';

/** Shows a film with a button and a place to drag. It plays by itself, again and again, where the person has not asked for less motion. */
export function filmView(film: Extract<WirePart, { kind: 'film' }>): View {
  const { width, height, perSecond, captions, marks } = film;
  const frames = bytesOf(film.frames);
  const size = 3 * width * height;
  const count = frames.length / size;
  const { canvas, frame } = pixels(width, height, 'Film', marks === undefined ? LARGE : MARKED);
  const layer = marks === undefined ? undefined : new Marks(width, height);
  if (layer !== undefined) frame.append(layer.element);
  const caption = element('p', { className: 'note' });
  const button = element('button', { type: 'button' });
  const place = element('input', { type: 'range', min: '0', max: String(count - 1), value: '0' });
  place.setAttribute('aria-label', 'Frame');
  let timer: ReturnType<typeof setInterval> | undefined;
  let [at, whole] = [0, false];

  const show = (frame: number) => {
    at = frame;
    paint(canvas, frames.subarray(at * size, (at + 1) * size));
    layer?.show(marks?.[at] ?? []);
    place.value = String(at);
    caption.textContent = `step ${at}${captions?.[at] ? `: ${captions[at]}` : ''}`;
  };
  const play = (on: boolean) => {
    clearInterval(timer);
    timer = on ? setInterval(next, 1000 / perSecond) : undefined;
    button.textContent = on ? '❚❚ Pause' : '▶ Play';
  };
  const next = () => {
    if (!canvas.isConnected) return play(false);
    whole ||= at === count - 1;
    show((at + 1) % count);
  };
  button.onclick = () => play(timer === undefined);
  place.oninput = () => {
    play(false);
    show(Number(place.value));
  };
  show(0);
  play(false);
  // Once it is in the page.
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) requestAnimationFrame(() => play(true));
  const controls = element('div', { className: 'controls' }, button, place);
  const legend = marks === undefined ? [] : [element('p', { className: 'note', textContent: LEGEND })];
  return {
    element: element('div', { className: 'film' }, frame, controls, caption, ...legend),
    // Seen to the end, or left alone in the middle.
    get busy() {
      return timer === undefined ? at > 0 : !whole;
    },
  };
}

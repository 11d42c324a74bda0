import { onFile, showClasses, showNote } from './answers.ts';
import type { Classification, ExportedNetwork } from './network.ts';

/** So long after the last stroke a drawing is named. */
const PAUSE = 120;

/** The card that names what one draws, drops or picks. */
export function pictureCard(
  card: HTMLElement,
  network: ExportedNetwork,
  task: string,
  names: readonly string[],
  examples: readonly string[],
): void {
  const { height, width } = network.settings(task) as { height: number; width: number };
  const canvas = card.querySelector<HTMLCanvasElement>('canvas.draw')!;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const list = card.querySelector('.answers')!;
  card.querySelector('.task')!.textContent =
    `Draw in white, drop a picture on the card, or pick one: ${names.length} kinds.`;

  const name = async (grey: Uint8Array) => {
    const { prediction } = await network.ask<Classification>(task, asItTakes(grey));
    showClasses(list, prediction, names);
  };
  // Bytes where the network was exported with bytes, else numbers from 0 to 1.
  const asItTakes = (grey: Uint8Array) =>
    network.takesBytes(task) ? grey : Float32Array.from(grey, (value) => value / 255);

  const clear = () => {
    context.fillStyle = '#000';
    context.fillRect(0, 0, canvas.width, canvas.height);
    showNote(list, 'Draw a shoe, a bag, a shirt …');
  };
  clear();
  card.querySelector('.clear')!.addEventListener('click', clear);

  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: readonly [x: number, y: number] | undefined;
  const placeOf = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width: shown } = canvas.getBoundingClientRect();
    const scale = canvas.width / shown;
    return [(clientX - left) * scale, (clientY - top) * scale] as const;
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = placeOf(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const next = placeOf(event);
    Object.assign(context, { strokeStyle: '#d8d8d8', lineWidth: 26, lineCap: 'round', lineJoin: 'round' });
    context.beginPath();
    context.moveTo(...last);
    context.lineTo(...next);
    context.stroke();
    last = next;
    clearTimeout(timer);
    timer = setTimeout(() => void name(drawn()), PAUSE);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(end, () => (last = undefined));

  /** What was drawn, cut to its edges and scaled to the size that the network sees: so its pictures are. */
  const drawn = () => {
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let [left, top, right, bottom] = [canvas.width, canvas.height, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i]! < 32) continue;
      const [x, y] = [(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)];
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
    const side = Math.max(right - left, bottom - top) + 1;
    if (side <= 1) return new Uint8Array(height * width);
    return greyOf(canvas, [(left + right + 1 - side) / 2, (top + bottom + 1 - side) / 2, side, side], height, width);
  };

  /** Shows a picture large, and names it. */
  const take = async (grey: Uint8Array) => {
    const small = canvasOf(grey, height, width);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    await name(grey);
  };

  onFile(card, async (file) => {
    const picture = await createImageBitmap(file).catch(() => undefined);
    if (picture === undefined) return showNote(list, `${file.name} is no picture that this browser reads.`);
    const side = Math.min(picture.width, picture.height);
    const middle = [(picture.width - side) / 2, (picture.height - side) / 2, side, side] as const;
    await take(onBlack(greyOf(picture, middle, height, width), height, width));
  });

  card.querySelector('.examples')!.append(
    ...examples.map((base64, i) => {
      const grey = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'thumb' });
      button.setAttribute('aria-label', `Picture ${i + 1}`);
      button.append(canvasOf(grey, height, width));
      button.addEventListener('click', () => void take(grey));
      return button;
    }),
  );
}

/** A part of a picture as grey bytes. */
function greyOf(
  source: CanvasImageSource,
  [x, y, w, h]: readonly [number, number, number, number],
  height: number,
  width: number,
): Uint8Array {
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, x, y, w, h, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: height * width }, (_, i) =>
    Math.round(0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!),
  );
}

/** The pictures that it learned from lie on black: one whose edge is bright is turned round. */
function onBlack(grey: Uint8Array, height: number, width: number): Uint8Array {
  const edge = grey.filter((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  });
  const mean = edge.reduce((sum, value) => sum + value, 0) / edge.length;
  return mean > 127 ? grey.map((value) => 255 - value) : grey;
}

function canvasOf(grey: Uint8Array, height: number, width: number): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const image = new ImageData(width, height);
  for (const [i, value] of grey.entries()) image.data.set([value, value, value, 255], 4 * i);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

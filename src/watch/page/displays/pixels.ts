import { element } from '../element.ts';

/** Screen pixels of the longer side of a small picture. */
const LARGE = 112;
/** From so many screen pixels on, a pixel is a field of its own: a line parts it from its neighbours. */
const FIELD = 16;

/** Makes a canvas with a picture's own pixels, shown in whole multiples of them where they are few. */
export function pixels(width: number, height: number, label: string, large = LARGE) {
  const canvas = element('canvas', { width, height });
  const scale = Math.max(1, Math.round(large / Math.max(width, height)));
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  const frame = element('div', { className: scale < FIELD ? 'pixels' : 'pixels fields' }, canvas);
  frame.style.setProperty('--width', `${scale * width}px`);
  frame.style.setProperty('--columns', String(width));
  frame.style.setProperty('--rows', String(height));
  return { canvas, frame };
}

/** Paints `[height, width, 3]`. */
export function paint(canvas: HTMLCanvasElement, rgb: Uint8Array): void {
  const { width, height } = canvas;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

import { element } from '../element.ts';

/** Screen pixels of the longer side of a small picture. */
const LARGE = 132;

/** A canvas of a picture's own pixels, shown in whole multiples of them where they are few. */
export function pixelCanvas(width: number, height: number, label: string, large = LARGE): HTMLCanvasElement {
  const canvas = element('canvas', { width, height, className: 'pixels' });
  const scale = Math.max(1, Math.round(large / Math.max(width, height)));
  canvas.style.width = `${scale * width}px`;
  canvas.style.maxWidth = '100%';
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
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

import type { Picture } from '../../task/display.ts';
import type { PicturePlaces } from './boxes.ts';
import { hueOf, strongest } from './colours.ts';

/** A picture is enlarged until its longer side has so many pixels. */
const LARGE = 224;
/** So much of its contrast is left beneath the colours. */
const CONTRAST = 0.55;

/** Draws how much each part of a picture counts over the picture, which becomes grey and pale. */
export function overlay({ picture, placeOf }: PicturePlaces, values: Float64Array): Picture {
  const most = strongest(values);
  return enlarged(picture, (row, column, [red, green, blue]) => {
    const grey = 255 - CONTRAST * (255 - (0.3 * red + 0.59 * green + 0.11 * blue));
    const share = Math.max(-1, Math.min(1, values[placeOf(row, column)]! / most));
    const strength = 0.85 * Math.abs(share);
    return hueOf(share).map((hue) => Math.round(grey + strength * (hue - grey))) as [number, number, number];
  });
}

type Rgb = readonly [number, number, number];

/** Draws a picture with other colours, in whole multiples of its pixels where it is small. */
export function enlarged(
  { width, height, rgb }: Picture,
  colour: (row: number, column: number, own: Rgb) => Rgb = (_, __, own) => own,
): Picture {
  const scale = Math.max(1, Math.floor(LARGE / Math.max(width, height)));
  const large = new Uint8Array(3 * width * height * scale * scale);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [red, green, blue] = rgb.subarray(3 * (row * width + column));
      const drawn = colour(row, column, [red!, green!, blue!]);
      for (let y = row * scale; y < (row + 1) * scale; y++) {
        for (let x = column * scale; x < (column + 1) * scale; x++) large.set(drawn, 3 * (y * width * scale + x));
      }
    }
  }
  return { width: width * scale, height: height * scale, rgb: large };
}

/** Puts pictures beside each other, with a white line between them. */
export function beside(pictures: readonly Picture[]): Picture {
  const gap = 4;
  const width = pictures.reduce((sum, picture) => sum + picture.width, gap * (pictures.length - 1));
  const height = Math.max(...pictures.map((picture) => picture.height));
  const rgb = new Uint8Array(3 * width * height).fill(255);
  let left = 0;
  for (const picture of pictures) {
    for (let row = 0; row < picture.height; row++) {
      const line = picture.rgb.subarray(3 * row * picture.width, 3 * (row + 1) * picture.width);
      rgb.set(line, 3 * (row * width + left));
    }
    left += picture.width + gap;
  }
  return { width, height, rgb };
}

import { BanyanError } from '../error.ts';
import { assertFile } from '../files/assert-file.ts';
import { show } from '../show.ts';
import { loadPeer } from './peer.ts';

/**
 * A picture of another shape is stretched to the size; or scaled until it covers it, and what is over is cropped from both
 * sides; or scaled until it fits in, and padded with black on both sides.
 */
export type ImageFit = 'stretch' | 'crop' | 'pad';

export interface ImageOptions {
  readonly height: number;
  readonly width: number;
  /** 1 channel is grey; 3 are red, green and blue. */
  readonly channels: 1 | 3;
  /** What becomes of a picture of another shape. Default `stretch`. */
  readonly fit?: ImageFit;
}

/** How sharp calls them. */
export const SHARP_FITS: Readonly<Record<ImageFit, string>> = { stretch: 'fill', crop: 'cover', pad: 'contain' };

interface Picture {
  autoOrient(): Picture;
  flatten(options: object): Picture;
  toColourspace(space: string): Picture;
  resize(width: number, height: number, options: object): Picture;
  raw(): Picture;
  toBuffer(): Promise<Buffer>;
}

/** A picture file, and what is made of it, has at most so many pixels: more than any camera gives, at 3 bytes each. */
export const MOST_PIXELS = 250_000_000;

/**
 * Decodes a picture file (PNG, JPEG, WebP, …) to pixels in [0, 1], `[height, width, channels]` in row-major order. The
 * picture is turned as its camera says (EXIF orientation) and fitted to that size (`fit`); what is transparent becomes black. Grey is
 * the luma of ITU-R BT.601, rounded to a byte, as Pillow and OpenCV make it.
 * @throws BanyanError `argument` for a size or a fit that is none, `data` for a file that is no picture; `plugin` where the package sharp is missing.
 */
export async function readImage(path: string, options: ImageOptions): Promise<Float32Array> {
  const { height, width, channels, fit = 'stretch' } = options;
  if (!(whole(height) && whole(width) && (channels === 1 || channels === 3))) {
    throw new BanyanError(
      'argument',
      `readImage: expected height and width as whole numbers >= 1, and 1 or 3 channels, received ${height}, ${width} and ${channels}. Give such numbers.`,
    );
  }
  if (height * width > MOST_PIXELS) {
    throw new BanyanError(
      'argument',
      `readImage: expected a size of at most ${MOST_PIXELS} pixels, received ${height} x ${width}. Lower height or width.`,
    );
  }
  if (!Object.hasOwn(SHARP_FITS, fit)) {
    throw new BanyanError(
      'argument',
      `readImage: expected fit as one of ${Object.keys(SHARP_FITS).join(', ')}, received ${show(fit)}. Give one of those.`,
    );
  }
  assertFile('data', path);
  const sharp = loadPeer<(path: string, options: object) => Picture>('sharp', `Reading ${path}`);
  let bytes: Buffer;
  try {
    bytes = await sharp(path, { limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .flatten({ background: 'black' })
      .resize(width, height, { fit: SHARP_FITS[fit], background: 'black' })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
  } catch (cause) {
    throw new BanyanError(
      'data',
      `${path}: expected a picture file such as PNG or JPEG, received one that cannot be decoded (${(cause as Error).message}). Give a picture.`,
      { cause },
    );
  }
  return Float32Array.from(channels === 1 ? greyOf(bytes) : bytes, (byte) => byte / 255);
}

const whole = (size: number) => Number.isInteger(size) && size >= 1;

/** Makes one byte a pixel of three. */
function greyOf(colours: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: colours.length / 3 }, (_, pixel) => {
    const [red, green, blue] = [colours[3 * pixel]!, colours[3 * pixel + 1]!, colours[3 * pixel + 2]!];
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  });
}

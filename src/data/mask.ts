import { BanyanError } from '../error.ts';
import { assertFile } from '../files/assert-file.ts';
import { type ImageFit, MOST_PIXELS, SHARP_FITS } from './image.ts';
import { loadPeer } from './peer.ts';

export interface MaskOptions {
  /** The mask is fitted to this height and width, without mixing colours; default its own. */
  readonly size?: { readonly height: number; readonly width: number };
  /** What becomes of a mask of another shape, as of the picture that it is the mask of. Default `stretch`. */
  readonly fit?: ImageFit;
}

interface Picture {
  autoOrient(): Picture;
  ensureAlpha(): Picture;
  toColourspace(space: string): Picture;
  resize(width: number, height: number, options: object): Picture;
  raw(): Picture;
  metadata(): Promise<{ readonly depth?: string }>;
  toBuffer(): Promise<Buffer>;
  toBuffer(options: { readonly resolveWithObject: true }): Promise<{ readonly data: Buffer; readonly info: object }>;
}

/** A pixel of which nothing is known. */
export const UNKNOWN_COLOUR = -1;

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * Decodes the colours of a mask, a picture whose colours stand for classes, row by row from the top: red * 65536 + green * 256 + blue, so that
 * grey of 1 is 0x010101; -1 where it is transparent, or padded. A pixel of another size takes the colour of the nearest one.
 * @throws BanyanError `data` for a file that is no picture, or has more than 8 bits a channel; `plugin` where the package sharp is missing.
 */
export async function readMask(path: string, { size, fit = 'stretch' }: MaskOptions = {}): Promise<Int32Array> {
  assertFile('data', path);
  const sharp = loadPeer<(source: string | Buffer, options: object) => Picture>('sharp', `Reading ${path}`);
  let bytes: Buffer;
  try {
    const picture = sharp(path, { limitInputPixels: MOST_PIXELS });
    const { depth } = await picture.metadata();
    // Numbers of 16 bits would lose their lower half, which is where classes are told.
    if (depth !== undefined && depth !== 'uchar') throw new Error(`its channels are of the kind ${depth}`);
    const whole = picture.autoOrient().toColourspace('srgb').ensureAlpha().raw();
    if (size === undefined) bytes = await whole.toBuffer();
    else {
      // Decoded first: of JPEG and WebP, sharp would let the decoder make the picture smaller, which mixes colours.
      const { data, info } = await whole.toBuffer({ resolveWithObject: true });
      bytes = await sharp(data, { raw: info, limitInputPixels: MOST_PIXELS })
        .resize(size.width, size.height, { fit: SHARP_FITS[fit], kernel: 'nearest', background: CLEAR })
        .raw()
        .toBuffer();
    }
  } catch (cause) {
    throw new BanyanError(
      'data',
      `${path}: expected a mask, a picture such as PNG of 8 bits a channel, received one that cannot be decoded (${(cause as Error).message}). Give such a picture.`,
      { cause },
    );
  }
  return Int32Array.from({ length: bytes.length / 4 }, (_, pixel) => {
    const [red, green, blue, alpha] = bytes.subarray(4 * pixel, 4 * pixel + 4) as unknown as number[];
    return alpha === 0 ? UNKNOWN_COLOUR : red! * 65_536 + green! * 256 + blue!;
  });
}

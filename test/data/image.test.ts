import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type ImageFit, readImage } from '../../src/data/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-image-'));

async function png(name: string, pixels: readonly number[], channels: 1 | 3 | 4, width: number): Promise<string> {
  const path = join(folder, name);
  const raw = { width, height: pixels.length / channels / width, channels };
  await sharp(Uint8Array.from(pixels), { raw }).png().toFile(path);
  return path;
}

describe('readImage', () => {
  it('gives pixels in [0, 1], row by row, channels last', async () => {
    const colours = await png('colour.png', [255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 102, 153], 3, 2);
    const read = await readImage(colours, { height: 2, width: 2, channels: 3 });
    const expected = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.4, 0.6];
    expect([...read].map((value) => Math.round(value * 100) / 100)).toEqual(expected);
    const grey = await png('grey.png', [0, 51, 102, 255], 1, 2);
    const values = [...(await readImage(grey, { height: 2, width: 2, channels: 1 }))];
    expect(values.map((value) => Math.round(value * 100) / 100)).toEqual([0, 0.2, 0.4, 1]);
  });

  it('scales, turns colour to grey and back, and blackens what is transparent', async () => {
    const white = await png('white.png', new Array(3 * 16).fill(255), 3, 4);
    expect([...(await readImage(white, { height: 2, width: 3, channels: 1 }))]).toEqual(new Array(6).fill(1));
    const grey = await png('grey-2.png', [255, 255], 1, 2);
    expect([...(await readImage(grey, { height: 1, width: 1, channels: 3 }))]).toEqual([1, 1, 1]);
    const clear = await png('clear.png', [255, 255, 255, 0], 4, 1);
    expect([...(await readImage(clear, { height: 1, width: 1, channels: 3 }))]).toEqual([0, 0, 0]);
  });

  it('makes grey by the luma of BT.601, and leaves grey as it is', async () => {
    const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 200, 30];
    const file = await png('luma.png', colours, 3, 5);
    const bytes = async (path: string, width: number) =>
      [...(await readImage(path, { height: 1, width, channels: 1 }))].map((value) => value * 255);
    // What Pillow's convert('L') gives.
    expect((await bytes(file, 5)).map((value) => Math.round(value))).toEqual([76, 150, 29, 255, 124]);
    const greys = Array.from({ length: 256 }, (_, i) => i);
    const read = await readImage(await png('greys.png', greys, 1, 256), { height: 1, width: 256, channels: 1 });
    expect(read).toEqual(Float32Array.from(greys, (value) => value / 255));
    // Of 16 bits a channel.
    const wide = Uint16Array.from([65535, 0, 0, 0, 25700, 0]);
    const path = join(folder, 'wide.png');
    await sharp(wide, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toFile(path);
    expect((await bytes(path, 2)).map((value) => Math.round(value))).toEqual([76, 59]);
  });

  it('fits a picture of another shape: stretched, cropped or padded', async () => {
    // Red, green, blue and white beside each other.
    const file = await png('wide.png', [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], 3, 4);
    const size = { height: 2, width: 2, channels: 3 } as const;
    const rounded = async (fit: ImageFit, { height, width } = size as { height: number; width: number }) =>
      [...(await readImage(file, { height, width, channels: 3, fit }))].map(Math.round);
    expect(await readImage(file, size)).toEqual(await readImage(file, { ...size, fit: 'stretch' }));
    expect(await rounded('crop', { height: 1, width: 2 })).toEqual([0, 1, 0, 0, 0, 1]);
    const black = new Array(12).fill(0);
    const row = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1];
    expect(await rounded('pad', { height: 3, width: 4 })).toEqual([...black, ...row, ...black]);
    await expect(readImage(file, { ...size, fit: 'fill' as ImageFit })).rejects.toThrow(
      'readImage: expected fit as one of stretch, crop, pad, received "fill". Give one of those.',
    );
  });

  it('turns a picture as its camera says, before it is fitted', async () => {
    const path = join(folder, 'turned.jpg');
    const left = [255, 255, 255, 0, 0, 0];
    // 32 x 16 pixels, white on the left; orientation 6 says that its left is up.
    const pixels = Uint8Array.from({ length: 32 * 16 * 3 }, (_, i) => left[Math.floor(i / 3) % 32 < 16 ? 0 : 3]!);
    await sharp(pixels, { raw: { width: 32, height: 16, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(path);
    for (const fit of ['stretch', 'crop', 'pad'] as const) {
      const read = await readImage(path, { height: 2, width: 1, channels: 1, fit });
      expect([...read].map(Math.round)).toEqual([1, 0]);
    }
  });

  it('refuses a size that is none', async () => {
    const file = await png('one.png', [255], 1, 1);
    for (const wrong of [{ height: 0 }, { width: 2.5 }, { channels: 2 as 1 }]) {
      const { height, width, channels } = { height: 1, width: 1, channels: 3 as const, ...wrong };
      await expect(readImage(file, { height, width, channels })).rejects.toThrow(
        `readImage: expected height and width as whole numbers >= 1, and 1 or 3 channels, received ${height}, ${width} and ${channels}. Give such numbers.`,
      );
    }
  });

  it('names a file that is no picture', async () => {
    const path = join(folder, 'a.png');
    writeFileSync(path, 'no picture');
    const options = { height: 1, width: 1, channels: 1 } as const;
    await expect(readImage(path, options)).rejects.toThrow(
      /a\.png: expected a picture file such as PNG or JPEG, received/,
    );
    await expect(readImage(join(folder, 'none.png'), options)).rejects.toThrow(/none\.png: expected a picture file/);
  });
});

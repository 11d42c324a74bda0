import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readMask } from '../../src/data/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-mask-'));

async function png(name: string, pixels: readonly number[], channels: 1 | 3 | 4, width: number, options = {}) {
  const path = join(folder, name);
  const raw = { width, height: pixels.length / channels / width, channels };
  await sharp(Uint8Array.from(pixels), { raw }).png(options).toFile(path);
  return path;
}

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];

describe('readMask', () => {
  it('gives the colours of pixels, of grey, colour and palettes alike', async () => {
    expect([...(await readMask(await png('grey.png', [0, 1, 2, 255], 1, 2)))]).toEqual([
      0, 0x010101, 0x020202, 0xffffff,
    ]);
    const colours = [...RED, ...BLUE, ...BLUE, ...RED];
    const expected = [0xff0000, 0x0000ff, 0x0000ff, 0xff0000];
    expect([...(await readMask(await png('colour.png', colours, 3, 2)))]).toEqual(expected);
    expect([...(await readMask(await png('palette.png', colours, 3, 2, { palette: true })))]).toEqual(expected);
  });

  it('fits a mask without mixing its colours', async () => {
    const row = [0, 0, 0, 9, 9, 9, 7, 7];
    const mask = await png('row.png', [...row, ...row], 1, 8);
    const grey = (values: readonly number[]) => values.map((value) => value * 0x010101);
    const small = await readMask(mask, { size: { height: 1, width: 4 } });
    expect(small.every((colour) => grey(row).includes(colour))).toBe(true);
    const large = await readMask(mask, { size: { height: 4, width: 16 } });
    expect([...large.subarray(0, 16)]).toEqual(grey(row.flatMap((value) => [value, value])));
    // What is padded is unknown, what is cropped is gone.
    const padded = await readMask(mask, { size: { height: 4, width: 8 }, fit: 'pad' });
    expect([...padded.subarray(0, 16)]).toEqual([...new Array(8).fill(-1), ...grey(row)]);
    const cropped = await readMask(mask, { size: { height: 2, width: 2 }, fit: 'crop' });
    expect([...cropped.subarray(0, 2)]).toEqual(grey([9, 9]));
  });

  it('mixes no colours of a file whose decoder could make it smaller', async () => {
    const side = 512;
    const pixels = Uint8Array.from({ length: side * side }, (_, i) =>
      ((i % side) + Math.floor(i / side)) % 2 === 0 ? 1 : 9,
    );
    const path = join(folder, 'checks.webp');
    await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
      .webp({ lossless: true })
      .toFile(path);
    const small = await readMask(path, { size: { height: 32, width: 32 } });
    expect(small.length).toBe(32 * 32);
    expect([...small].filter((colour) => colour !== 0x010101 && colour !== 0x090909)).toEqual([]);
  });

  it('takes transparent pixels for unknown', async () => {
    expect([...(await readMask(await png('clear.png', [...RED, 255, ...RED, 0], 4, 2)))]).toEqual([0xff0000, -1]);
  });

  it('refuses what is no picture, and numbers of 16 bits, whose lower half would be lost', async () => {
    const text = join(folder, 'text.png');
    writeFileSync(text, 'no picture');
    await expect(readMask(text)).rejects.toThrow(/text\.png: expected a mask, a picture such as PNG of 8 bits/);
    const wide = join(folder, 'wide.png');
    await sharp(Uint16Array.from([1, 2]), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(wide);
    await expect(readMask(wide)).rejects.toThrow('its channels are of the kind ushort');
  });
});

// Masks of pictures, described over rows: from the files to the class of each pixel.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataSet, dataTask } from '../../../heads/fields.ts';
import { createNetwork, evaluate, train, transformerTrunk } from '../../../src/index.ts';
import { NO_NETWORK } from '../../../src/task/index.ts';
import { temporaryFolder } from '../../repository.ts';

const folder = join(temporaryFolder(), 'masks');
const SIDE = 24;

/** A bright square on dark ground, at a place that the number says, and its mask. */
async function drawn(i: number): Promise<{ readonly photo: string; readonly mask: string }> {
  const [top, left] = [(i * 5) % 14, (i * 3) % 14];
  const isSquare = (pixel: number) => {
    const [y, x] = [Math.floor(pixel / SIDE) - top, (pixel % SIDE) - left];
    return y >= 0 && y < 10 && x >= 0 && x < 10;
  };
  const picture = (name: string, colour: (pixel: number) => readonly number[]) =>
    sharp(Uint8Array.from(Array.from({ length: SIDE * SIDE }, (_, pixel) => colour(pixel)).flat()), {
      raw: { width: SIDE, height: SIDE, channels: 3 },
    })
      .png()
      .toFile(join(folder, name));
  await picture(`${i}.png`, (pixel) => (isSquare(pixel) ? [220, 200, 60] : [40, 60, (pixel * 7) % 90]));
  // Where the picture begins nothing is known.
  await picture(`${i}-mask.png`, (pixel) => (pixel < SIDE ? [9, 9, 9] : isSquare(pixel) ? [255, 0, 0] : [0, 0, 0]));
  return { photo: `${i}.png`, mask: `${i}-mask.png` };
}

const file = join(folder, 'rows.csv');
const CLASSES = { ground: 0, square: '#ff0000' };

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const rows = await Promise.all(Array.from({ length: 40 }, (_, i) => drawn(i)));
  writeFileSync(file, ['photo,mask', ...rows.map(({ photo, mask }) => `${photo},${mask}`), ''].join('\n'));
});

const inputs = { photo: { kind: 'picture', size: 16, fit: 'pad' } };

describe('a target that is a mask', () => {
  it('is told from the one picture that is read, at its size', async () => {
    const task = await dataTask({
      name: 'squares',
      data: dataSet({ file }),
      inputs,
      target: { column: 'mask', kind: 'mask', classes: CLASSES },
    });
    const [example] = await task.source.read('training', [0], NO_NETWORK);
    const target = (example!.target as { squares: Int32Array }).squares;
    expect(target).toHaveLength(16 * 16);
    expect(new Set(target)).toEqual(new Set([-1, 0, 1]));
    const trunk = transformerTrunk({ width: 32, depth: 1, heads: 2 });
    const network = await createNetwork({ trunk, tasks: [task] as never, seed: 1 });
    await lastValueFrom(train(network, { steps: 40, batch: 16, seed: 1 }));
    const { squares } = (await evaluate(network)) as Record<string, Record<string, number>>;
    expect(squares!['mean-iou']).toBeGreaterThan(0.8);
    // 2 IoU / (1 + IoU) of each class.
    expect(squares!.dice).toBeGreaterThanOrEqual(squares!['mean-iou']!);
    const row = await task.fromRow!({ photo: '3.png' }, { row: 'line 1', folder });
    const [{ mask }] = (await network.predict('squares', [row])) as unknown as [{ mask: Uint8Array }];
    expect(mask).toHaveLength(16 * 16);
    network.dispose();
  });

  it('finds its classes in the colours of all masks, where they are not said', async () => {
    const task = await dataTask({ name: 'squares', data: dataSet({ file }), inputs, target: 'mask' });
    const [example] = await task.source.read('training', [0], NO_NETWORK);
    const target = (example!.target as { squares: Int32Array }).squares;
    // The colours are black, grey and red.
    expect(new Set(target)).toEqual(new Set([0, 1, 2]));
  });

  it('refuses other inputs, another size, and pictures that are no masks', async () => {
    const data = dataSet({ file });
    const other = (inputs: object, target: object) =>
      dataTask({ name: 'squares', data, inputs: inputs as never, target: { column: 'mask', ...target } as never });
    await expect(other({ photo: 'text' }, { kind: 'mask' })).rejects.toThrow(
      'target of kind mask: expected one input of kind picture and no other, received text. Correct `inputs`',
    );
    await expect(other({ photo: null, mask: null }, { kind: 'mask' })).rejects.toThrow('received picture, picture');
    await expect(other(inputs, { kind: 'mask', size: 32 })).rejects.toThrow(
      'expected size as its input has it, received 32. Say it at the input alone.',
    );
    await expect(other(inputs, { kind: 'mask', classes: { ground: 'black' } })).rejects.toThrow(
      /classes\.ground must be a section with a colour for each class/,
    );
    const smooth = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => (i * 37) % 256);
    await sharp(smooth, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toFile(join(folder, 'smooth.png'));
    writeFileSync(join(folder, 'smooth.csv'), `photo,mask\n${'0.png,smooth.png\n'.repeat(4)}`);
    await expect(
      dataTask({ name: 'squares', data: dataSet({ file: join(folder, 'smooth.csv') }), inputs, target: 'mask' }),
    ).rejects.toThrow(/smooth\.csv, line 2, column "mask": expected at most 255 different colours in all masks/);
  });
});

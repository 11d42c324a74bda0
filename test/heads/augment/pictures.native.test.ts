import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, startRuntime, train } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import {
  colour,
  convStem,
  crop,
  cutmix,
  erasing,
  horizontalFlip,
  type ImageAugmentation,
  mixup,
  patchStem,
  randAugment,
  rotation,
  segmenter,
  shift,
} from 'banyan-ml/heads/vision';
import { runStemContract } from 'banyan-ml/testing';
import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as builtIn from '../../../heads/vision/augment/built-in.ts';
import { imageAugmentationKinds } from '../../../heads/vision/augment/kinds.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { freeContexts, freshContext } from '../fresh-context.ts';
import { listening, randomAt, TRAINING } from './draws.ts';

beforeAll(async () => void (await startRuntime()));

const strong: Readonly<Record<string, ImageAugmentation>> = {
  colour: colour({ brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.3 }),
  crop: crop({ padding: 2 }),
  erasing: erasing(),
  'horizontal-flip': horizontalFlip(),
  'rand-augment': randAugment({ operations: 3, magnitude: 20 }),
  rotation: rotation({ degrees: 40 }),
  shift: shift({ share: 0.3 }),
  mixup: mixup({ alpha: 1 }),
  cutmix: cutmix(),
};
/** Those that leave pictures as they are. */
const weak: Readonly<Record<string, ImageAugmentation>> = {
  'erasing, of none': erasing({ rate: 0 }),
  'erasing, of nothing': erasing({ rate: 1, least: 0, most: 0 }),
  rotation: rotation({ degrees: 0 }),
  shift: shift({ share: 0 }),
};

const picturesOf = (seed: number, batch: number, height: number, width: number, channels = 3): tf.Tensor4D => {
  const random = new RandomStream(seed, 'pictures');
  const numbers = Float32Array.from({ length: batch * height * width * channels }, () => random.uniform());
  return tf.tensor4d(numbers, [batch, height, width, channels]);
};

const differing = (a: tf.Tensor, b: tf.Tensor): number =>
  a.sub(b).abs().max([1, 2, 3]).greater(1e-5).cast('float32').sum().dataSync()[0]!;

describe.each(Object.entries(strong))('%s', (kind, augment) => {
  it('keeps the shape and the range, changes pictures, and does so alike for one key', () => {
    const sizes = fc.record({
      seed: fc.nat(1000),
      height: fc.integer({ min: 4, max: 9 }),
      width: fc.integer({ min: 4, max: 9 }),
    });
    fc.assert(
      fc.property(sizes, ({ seed, height, width }) =>
        tf.tidy(() => {
          const pictures = picturesOf(seed, 24, height, width);
          const { call } = listening();
          const changed = augment(pictures, randomAt(seed), call);
          expect(changed.shape).toEqual(pictures.shape);
          expect(changed.min().dataSync()[0]).toBeGreaterThanOrEqual(-1e-6);
          expect(changed.max().dataSync()[0]).toBeLessThanOrEqual(1 + 1e-6);
          expect(differing(changed, pictures)).toBeGreaterThan(3);
          expect(differing(augment(pictures, randomAt(seed), call), changed)).toBe(0);
          expect(differing(augment(pictures, randomAt(seed + 1), call), changed)).toBeGreaterThan(0);
        }),
      ),
      { numRuns: 5 },
    );
  });

  it('has the name of its kind, and is made again from what it is saved as', () => {
    expect((augment.config as { kind: string }).kind).toBe(kind);
    expect(imageAugmentationKinds.build(augment.config).config).toEqual(augment.config);
  });
});

it('are all there is', () => {
  expect(
    Object.values(builtIn)
      .map((kind) => kind.kind)
      .sort(),
  ).toEqual(Object.keys(strong).sort());
});

it.each(Object.entries(weak))('%s leaves pictures as they are where it has no strength', (_, augment) => {
  tf.tidy(() => {
    const pictures = picturesOf(2, 8, 6, 7);
    expect(differing(augment(pictures, randomAt(1), TRAINING), pictures)).toBe(0);
  });
});

describe('augmentations that move pictures', () => {
  it('crop and shift by whole pixels alone, every distance as often, and fill with 0', () => {
    tf.tidy(() => {
      const point = tf
        .tensor4d([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], [1, 3, 4, 1])
        .tile([4000, 1, 1, 1]) as tf.Tensor4D;
      const counts = crop({ padding: 1 })(point, randomAt(1), TRAINING)
        .sum(0)
        .squeeze([2])
        .div(4000)
        .arraySync() as number[][];
      // The point at row 1, column 2, one pixel each way.
      for (const line of counts)
        for (const [column, part] of line.entries()) expect(part).toBeCloseTo(column === 0 ? 0 : 1 / 9, 1.7);
      expect(counts.map((line) => line[0])).toEqual([0, 0, 0]);
      const shifted = shift({ share: 0.5 })(point, randomAt(1), TRAINING);
      expect(new Set(shifted.dataSync())).toEqual(new Set([0, 1]));
    });
  });

  it('turn by angles around 0 up to the largest', () => {
    tf.tidy(() => {
      // A point far to the right of the middle moves up and down by the sine of the angle.
      const row = [0, 0, 0, 0, 0, 0, 0, 0, 1];
      const picture = tf.tensor4d(
        Array.from({ length: 81 }, (_, i) => (Math.floor(i / 9) === 4 ? row[i % 9]! : 0)),
        [1, 9, 9, 1],
      );
      const many = picture.tile([2000, 1, 1, 1]) as tf.Tensor4D;
      const turned = rotation({ degrees: 90 })(many, randomAt(1), TRAINING);
      const lines = turned.sum([2, 3]); // [2000, 9]
      const heights = lines.mul(tf.range(0, 9)).sum(1).div(lines.sum(1).maximum(1e-3)).sub(4);
      expect(heights.mean().dataSync()[0]).toBeCloseTo(0, 0.9);
      expect(heights.max().dataSync()[0]).toBeGreaterThan(3.5);
      expect(heights.min().dataSync()[0]).toBeLessThan(-3.5);
    });
  });

  it('say so, and others do not', () => {
    const options = { height: 8, width: 8, channels: 3, filters: [4], features: true };
    const moves = (augment: ImageAugmentation) => convStem({ ...options, augment })(freshContext()).moves;
    for (const augment of [crop({ padding: 1 }), shift({ share: 0.1 }), rotation({ degrees: 1 }), horizontalFlip()])
      expect(moves(augment)).toBe(true);
    expect(moves(randAugment())).toBe(true);
    expect(moves(cutmix())).toBe(true);
    for (const augment of [colour({ hue: 0.1 }), erasing(), mixup()]) expect(moves(augment)).toBe(false);
    freeContexts();
  });

  it('are refused without any strength, where they change nothing', () => {
    const text =
      'colour: options must be a section with at least one of brightness, contrast, saturation and hue above 0, received {}. Add one, such as brightness: 0.2.';
    expect(() => colour({})).toThrow(text);
    expect(() => colour({ brightness: 0, hue: 0 })).toThrow('at least one of brightness, contrast, saturation and hue');
    expect(() => imageAugmentationKinds.build('colour')).toThrow('at least one of brightness, contrast');
  });

  it('are refused beside a head that labels each pixel', async () => {
    const build = (augment: ImageAugmentation) =>
      createNetwork({
        trunk: denseTrunk({ width: 8, depth: 1 }),
        tasks: [
          defineTask({
            name: 'masks',
            stem: convStem({ height: 4, width: 4, channels: 1, filters: [4], features: true, augment }),
            head: segmenter({ classes: 2, height: 4, width: 4, filters: [4] }),
            source: arraySource({
              inputs: Array.from({ length: 8 }, (_, i) => new Float32Array(16).fill(i / 8)),
              targets: Array.from({ length: 8 }, () => new Uint8Array(16)),
              validation: 0,
            }),
          }),
        ],
      });
    const turned = await build(rotation({ degrees: 5 }));
    await expect(lastValueFrom(train(turned, { steps: 1, batch: 4 }))).rejects.toThrow(
      'head/masks reads features of stem/masks place by place, and an augmentation of that stem moves what they show, expected one that leaves everything in its place, since no label moves with it. Leave it out (colours, noise and mixup may stay).',
    );
    const mixed = await build(mixup());
    await lastValueFrom(train(mixed, { steps: 1, batch: 4 }));
    for (const network of [turned, mixed]) network.dispose();
  });
});

describe('erasing', () => {
  it('erases a rectangle within the shares, of as many pictures as asked, with noise', () => {
    tf.tidy(() => {
      const black = tf.zeros([2000, 20, 20, 1]) as tf.Tensor4D;
      const erased = erasing({ rate: 0.25, least: 0.1, most: 0.3 })(black, randomAt(1), TRAINING);
      const area = erased.greater(0).cast('float32').mean([1, 2, 3]).arraySync() as number[];
      const chosen = area.filter((part) => part > 0);
      expect(chosen.length / 2000).toBeCloseTo(0.25, 1);
      expect(Math.min(...chosen)).toBeGreaterThan(0.07);
      expect(Math.max(...chosen)).toBeLessThan(0.34);
      expect(chosen.reduce((a, b) => a + b) / chosen.length).toBeCloseTo(0.2, 1);
      // Rows and columns that hold something, times each other, are the rectangle.
      const marks = erased.greater(0).cast('float32').squeeze([3]).arraySync() as number[][][];
      const rectangle = marks.find((rows) => rows.flat().some(Boolean))!.filter((row) => row.some(Boolean));
      expect(new Set(rectangle.map((row) => row.join(''))).size).toBe(1);
      expect(erased.sum().div(erased.greater(0).cast('float32').sum()).dataSync()[0]).toBeCloseTo(0.5, 1);
    });
  });
});

describe('cutmix', () => {
  it('takes each pixel from one of the two, and tells by the area how much is left', () => {
    tf.tidy(() => {
      const pictures = tf.range(0, 32).reshape([32, 1, 1, 1]).tile([1, 6, 5, 1]) as tf.Tensor4D;
      const { call, heard } = listening();
      const changed = cutmix()(pictures, randomAt(1), call).arraySync();
      const [partners, shares] = [heard[0]!.partners.arraySync(), heard[0]!.shares.arraySync()];
      const drawn = new Set<number>();
      for (const [i, picture] of changed.entries()) {
        const pixels = picture.flat(2);
        expect(partners[i]).not.toBe(i);
        expect(new Set([...pixels, i, partners[i]])).toEqual(new Set([i, partners[i]]));
        expect(pixels.filter((pixel) => pixel === i).length / 30).toBeCloseTo(shares[i]!, 6);
        drawn.add(shares[i]!);
      }
      expect(drawn.size).toBeGreaterThan(5);
    });
  });

  it('and mixup do nothing where nobody hears of it', () => {
    tf.tidy(() => {
      const pictures = picturesOf(2, 8, 6, 7);
      for (const augment of [cutmix(), mixup()])
        expect(differing(augment(pictures, randomAt(1), TRAINING), pictures)).toBe(0);
    });
  });
});

describe('randAugment', () => {
  it('leaves pictures without magnitude nearly as they are, and changes more of them with more operations', () => {
    tf.tidy(() => {
      const pictures = picturesOf(2, 200, 6, 7);
      const changed = (options: Parameters<typeof randAugment>[0]) =>
        differing(randAugment(options)(pictures, randomAt(1), TRAINING), pictures) / 200;
      // Two of the 14 operations have no strength: the widest contrast and equal levels, which also rounds to bytes.
      expect(changed({ operations: 1, magnitude: 0 })).toBeLessThan(0.35);
      const [one, three] = [changed({ operations: 1, magnitude: 20 }), changed({ operations: 3, magnitude: 20 })];
      expect(one).toBeCloseTo(13 / 14, 0.9);
      expect(three).toBeGreaterThan(one);
    });
  });

  it('works on grey pictures, which have no saturation', () => {
    tf.tidy(() => {
      const pictures = picturesOf(2, 40, 6, 7, 1);
      const changed = randAugment({ magnitude: 25 })(pictures, randomAt(1), TRAINING);
      expect(changed.shape).toEqual(pictures.shape);
      expect(differing(changed, pictures)).toBeGreaterThan(20);
      expect(() => colour({ hue: 0.1 })(pictures, randomAt(1), TRAINING)).toThrow(
        'An augmentation changes the hue of pictures with 3 channels, received 1. Leave it out for pictures without colours.',
      );
    });
  });
});

describe('a stem with augmentations', () => {
  it.each(['mixup', 'cutmix'] as const)('keeps its contract with all of them and %s', async (mixing) => {
    const random = new RandomStream(1, 'contract');
    const examples = Array.from({ length: 3 }, () => Uint8Array.from({ length: 192 }, () => random.integer(256)));
    const { mixup: _, cutmix: __, ...others } = strong;
    const augment = [...Object.values(others), strong[mixing]!];
    await runStemContract(convStem({ height: 8, width: 8, channels: 3, filters: [4], augment }), { examples });
  });

  it('shows them numbers from 0 to 1, and standardises afterwards', () => {
    const seen: number[] = [];
    const look: ImageAugmentation = (images) => {
      seen.push(images.max().dataSync()[0]!, images.min().dataSync()[0]!);
      return images.mul(0) as tf.Tensor4D;
    };
    const bytes = tf.tensor([0, 51, 102, 255], [1, 2, 2, 1], 'int32');
    const options = { height: 2, width: 2, channels: 1, patch: 1, positions: 'none' } as const;
    const stem = patchStem({ ...options, mean: 0.5, deviation: 0.25, augment: look })(freshContext());
    tf.tidy(() => {
      const tokens = (batch: tf.Tensor, training: boolean) =>
        (stem.forward(batch, { training }) as tf.Tensor3D).arraySync();
      const black = tokens(bytes.mul(tf.scalar(0, 'int32')), false);
      expect(tokens(bytes, false)).not.toEqual(black);
      expect(seen).toEqual([]);
      // The augmentation blackens whatever it sees.
      expect(tokens(bytes, true)).toEqual(black.map((rows) => rows.map((row) => row.map((x) => expect.closeTo(x, 5)))));
      expect(seen).toEqual([1, 0]);
    });
    bytes.dispose();
    freeContexts();
  });

  it('is made again with others, as a file says them', () => {
    const stem = convStem({ height: 8, width: 8, channels: 3, filters: [4], augment: horizontalFlip() });
    const settings: unknown[] = [];
    const again = stem.augmented!(['crop', { kind: 'rotation', degrees: 20 }]);
    const context = freshContext();
    again({
      ...context,
      settings: (values: never, options?: { training?: boolean }) => {
        if (options?.training) settings.push(values);
        return values;
      },
    });
    const list = (settings as { augment: ImageAugmentation[] }[]).flatMap(({ augment }) => augment ?? []);
    expect(list.map(({ config }) => config)).toEqual([
      { kind: 'crop', padding: 4 },
      { kind: 'rotation', degrees: 20 },
    ]);
    expect(() => stem.augmented!(['rotate'])).toThrow('must be one of "colour", "crop"');
    freeContexts();
  });
});

it('says which option is wrong', () => {
  expect(() => rotation({ degrees: 190 })).toThrow(
    'rotation: degrees must be a number from 0 to 180, received 190. Lower it to 180 or less.',
  );
  expect(() => erasing({ least: 0.5 })).toThrow('erasing: least must be a number up to `most`, 0.4, received 0.5.');
  expect(() => crop({ padding: 0 })).toThrow('crop: padding must be a whole number >= 1, received 0.');
  expect(() => randAugment({ magnitude: 31 })).toThrow('randAugment: magnitude must be a number from 0 to 30');
  expect(() => cutmix({ alpha: 0 })).toThrow('cutmix: alpha must be a number > 0, received 0.');
});

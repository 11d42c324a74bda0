// The operations that augmentations are made of, for given parameters, against torchvision and torchaudio.
import * as tf from '@tensorflow/tfjs';
import { startRuntime } from 'banyan-ml';
import { beforeAll, describe, expect, it } from 'vitest';
import { withNoise } from '../../../heads/audio/augment/noise.ts';
import { played } from '../../../heads/audio/augment/speed.ts';
import { withBrightness, withContrast, withHue, withSaturation } from '../../../heads/vision/augment/blend.ts';
import { boxesOf } from '../../../heads/vision/augment/cutmix.ts';
import { insideOf } from '../../../heads/vision/augment/draw.ts';
import { equalized } from '../../../heads/vision/augment/equalize.ts';
import { rotated } from '../../../heads/vision/augment/rotation.ts';
import { posterized, solarized, withAutoContrast, withSharpness } from '../../../heads/vision/augment/tone.ts';
import { warp } from '../../../heads/vision/augment/warp.ts';
import { disagreement, golden } from '../../golden.ts';

interface Golden {
  readonly inputs: Readonly<Record<string, { readonly shape: [number, number, number]; readonly values: number[] }>>;
  readonly cases: readonly {
    readonly operation: keyof typeof OPERATIONS;
    readonly parameter: number | [number, number] | null;
    readonly input: string;
    readonly expected: number[];
  }[];
  readonly cutmix: readonly {
    readonly share: number;
    readonly row: number;
    readonly column: number;
    readonly height: number;
    readonly width: number;
    readonly box: [top: number, left: number, bottom: number, right: number];
    readonly own: number;
  }[];
  readonly equalize: {
    readonly shape: [number, number, number];
    readonly bytes: number[];
    readonly expected: number[];
  };
  readonly posterize: readonly { readonly bits: number; readonly expected: number[] }[];
  readonly sounds: {
    readonly sound: number[];
    readonly noise: number[];
    readonly noisy: readonly { readonly decibels: number; readonly expected: number[] }[];
    readonly played: readonly { readonly speed: number; readonly expected: number[] }[];
  };
}

const { inputs, cases, cutmix, equalize, posterize, sounds } = golden<Golden>('augmentation');
const of = (number: number) => tf.tensor4d([number], [1, 1, 1, 1]);
const slope = (degrees: number) => of(Math.tan((degrees * Math.PI) / 180));
const two = (parameter: unknown) => parameter as [number, number];

const OPERATIONS = {
  rotation: (x: tf.Tensor4D, degrees: unknown) => rotated(x, of(((degrees as number) * Math.PI) / 180)),
  shift: (x: tf.Tensor4D, by: unknown) => warp(x, { x: of(-two(by)[0]), y: of(-two(by)[1]) }),
  shear: (x: tf.Tensor4D, by: unknown) => warp(x, { xy: slope(two(by)[0]), yx: slope(two(by)[1]) }),
  brightness: (x: tf.Tensor4D, factor: unknown) => withBrightness(x, of(factor as number)),
  contrast: (x: tf.Tensor4D, factor: unknown) => withContrast(x, of(factor as number)),
  saturation: (x: tf.Tensor4D, factor: unknown) => withSaturation(x, of(factor as number)),
  sharpness: (x: tf.Tensor4D, factor: unknown) => withSharpness(x, of(factor as number)),
  hue: (x: tf.Tensor4D, turn: unknown) => withHue(x, of(turn as number)),
  solarize: (x: tf.Tensor4D, threshold: unknown) => solarized(x, of(threshold as number)),
  'auto-contrast': (x: tf.Tensor4D) => withAutoContrast(x),
};

beforeAll(async () => void (await startRuntime()));

describe('operations on pictures', () => {
  it.each(cases)('$operation of $parameter on the $input is that of torchvision', (example) => {
    tf.tidy(() => {
      const { shape, values } = inputs[example.input]!;
      // Beside another picture, so that each has to be changed by itself.
      const picture = tf.tensor4d(values, [1, ...shape]);
      const both = tf.concat([picture, tf.zerosLike(picture).add(0.3)], 0) as tf.Tensor4D;
      const changed = OPERATIONS[example.operation](both, example.parameter);
      const first = changed.slice([0, 0, 0, 0], [1, -1, -1, -1]).dataSync();
      expect(disagreement(first, example.expected, 1e-5, 5e-6)).toBeLessThanOrEqual(1);
    });
  });

  it('equal levels are those of torchvision, for each picture and channel by itself', () => {
    tf.tidy(() => {
      const { shape, bytes, expected } = equalize;
      const picture = tf.tensor4d(bytes, [1, ...shape]).div(255);
      const changed = equalized(tf.concat([tf.zerosLike(picture), picture], 0) as tf.Tensor4D).mul(255);
      const [dark, second] = tf.split(changed, 2);
      expect([...second!.round().dataSync()]).toEqual(expected);
      expect(dark!.max().dataSync()[0]).toBe(0);
      // Too few pixels to spread.
      const small = tf.tensor4d([0, 51, 102, 255], [1, 2, 2, 1]).div(255) as tf.Tensor4D;
      expect(equalized(small).sub(small).abs().max().dataSync()[0]).toBeLessThan(1e-6);
    });
  });

  it.each(posterize)('of all bytes, the $bits upper bits are those of torchvision', ({ bits, expected }) => {
    tf.tidy(() => {
      const bytes = tf.range(0, 256).reshape([1, 16, 16, 1]).div(255) as tf.Tensor4D;
      const left = posterized(bytes, of(bits)).dataSync();
      expect(
        disagreement(
          left,
          expected.map((byte) => byte / 255),
          1e-6,
          1e-6,
        ),
      ).toBeLessThanOrEqual(1);
    });
  });

  it.each(cutmix)('a share of $share leaves the rectangle that torchvision has, $box', (example) => {
    tf.tidy(() => {
      const { share, row, column, height, width, box, own } = example;
      const boxes = boxesOf(of(share), of(row), of(column), [height, width]);
      const inside = (insideOf(boxes, height, width).squeeze() as tf.Tensor2D).arraySync();
      const [top, left, bottom, right] = box;
      const expected = Array.from({ length: height }, (_, r) =>
        Array.from({ length: width }, (_, c) => (r >= top && r < bottom && c >= left && c < right ? 1 : 0)),
      );
      expect(inside).toEqual(expected);
      expect(1 - inside.flat().reduce((a, b) => a + b) / (height * width)).toBeCloseTo(own, 6);
    });
  });
});

describe('operations on sounds', () => {
  const { sound, noise, noisy } = sounds;

  it.each(noisy)('noise at $decibels dB is that of torchaudio', ({ decibels, expected }) => {
    tf.tidy(() => {
      const result = withNoise(tf.tensor2d([sound]), tf.tensor2d([noise]), tf.tensor2d([[decibels]])).dataSync();
      expect(disagreement(result, expected, 1e-4, 1e-5)).toBeLessThanOrEqual(1);
    });
  });

  it.each(sounds.played)('at $speed times its speed a sound is what numpy interpolates', ({ speed, expected }) => {
    tf.tidy(() => {
      const both = tf.tensor2d([sound, sound.map(() => 1)]);
      const result = played(both, tf.tensor2d([[speed], [1]]))
        .slice([0, 0], [1, -1])
        .dataSync();
      expect(disagreement(result, expected, 1e-4, 1e-5)).toBeLessThanOrEqual(1);
    });
  });
});

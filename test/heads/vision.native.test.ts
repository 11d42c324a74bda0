import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { classifier, convStem, horizontalFlip, patchStem } from 'banyan-ml/heads/vision';
import { runHeadContract, runStemContract } from 'banyan-ml/testing';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/data/index.ts';
import { RandomRoot, RandomStream, stepKey } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';
import { temporaryFolder } from '../repository.ts';

const temporary = temporaryFolder();
const size = { height: 8, width: 12, channels: 2 };
const random = new RandomStream(1, 'images');
const floats = Array.from({ length: 4 }, () => Float32Array.from({ length: 192 }, () => random.uniform()));
const bytes = floats.map((image) => Uint8Array.from(image, (value) => Math.floor(256 * value)));

describe('vision', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each([
    ['patchStem', patchStem({ ...size, patch: 4, augment: horizontalFlip() })],
    ['patchStem with a class token', patchStem({ ...size, patch: 4, classToken: true })],
    [
      'patchStem with a class token and sines',
      patchStem({ ...size, patch: 4, classToken: true, positions: 'sinusoidal' }),
    ],
    ['convStem', convStem({ ...size, filters: [4, 6] })],
    ['patchStem with sines', patchStem({ ...size, patch: 4, positions: 'sinusoidal' })],
    ['convStem without positions', convStem({ ...size, filters: [4], positions: 'none' })],
    ['convStem of one convolution', convStem({ ...size, filters: [4], mean: [0.2, 0.3], deviation: 0.5 })],
  ])('%s keeps the contract of a stem, for floats and for bytes', async (_, stem) => {
    await runStemContract(stem, { examples: floats });
    await runStemContract(stem, { examples: bytes });
    expect(stem.modality).toBe('vision');
  });

  it('reads a picture file fitted as its option says', async () => {
    const path = join(temporary, 'wide.png');
    // Black, white, white, black beside each other.
    const pixels = Uint8Array.of(0, 255, 255, 0);
    await sharp(pixels, { raw: { width: 4, height: 1, channels: 1 } })
      .png()
      .toFile(path);
    const seen = new Set<string>();
    for (const fit of [undefined, 'crop', 'pad'] as const) {
      const { context, store } = testContext();
      const options = { height: 2, width: 4, channels: 1, ...(fit && { fit }) } as const;
      const read = await patchStem({ ...options, patch: 2 })(context).readFile!(path);
      expect(read).toEqual(await readImage(path, options));
      seen.add(String(read));
      store.dispose();
    }
    expect(seen.size).toBe(3);
  });

  it('keeps the contract of a head', async () => {
    await runHeadContract(classifier({ classes: 3 }), { targets: [0, 1, 2, 1] });
    await runHeadContract(classifier({ classes: ['a', 'b'], labelSmoothing: 0.1, classWeights: [1, 2] }), {
      targets: [0, 1, 1],
    });
  });

  it.each(['mean', 'flatten', 'attention', 'first', 'exit'] as const)(
    'keeps the contract of a head that pools by %s',
    async (pool) => {
      await runHeadContract(classifier({ classes: 3, pool }), { targets: [0, 1, 2, 1] });
    },
  );

  it('cuts patches from left to right, then downwards', () => {
    const { context, store } = testContext();
    const stem = patchStem({ height: 4, width: 6, channels: 1, patch: 2, mean: 1, deviation: 2 })({
      ...context,
      width: 4,
    });
    const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    for (const { name, tensor } of store.all()) {
      tf.tidy(() => tensor.assign(name.endsWith('kernel') ? tf.tensor2d(identity, [4, 4]) : tf.zeros(tensor.shape)));
    }
    tf.tidy(() => {
      const image = tf.tensor(
        Float32Array.from({ length: 24 }, (_, i) => 2 * i + 1),
        [1, 4, 6, 1],
      );
      const tokens = (stem.forward(image, { training: false }) as tf.Tensor3D).arraySync()[0]!;
      expect(tokens[0]).toEqual([0, 1, 6, 7]);
      expect(tokens[2]).toEqual([4, 5, 10, 11]);
      expect(tokens[3]).toEqual([12, 13, 18, 19]);
    });
    store.dispose();
  });

  it('reads bytes as numbers from 0 to 1', () => {
    const { context, store } = testContext();
    const stem = patchStem({ ...size, patch: 4, mean: 0.286, deviation: [0.353, 0.4] })(context);
    tf.tidy(() => {
      const asBytes = tf.tensor(Int32Array.from(bytes[0]!), [1, 8, 12, 2], 'int32');
      const asFloats = tf.tensor(
        Float32Array.from(bytes[0]!, (byte) => byte / 255),
        [1, 8, 12, 2],
      );
      const [a, b] = [asBytes, asFloats].map((batch) => stem.forward(batch, { training: false }) as tf.Tensor3D);
      expect(a!.sub(b!).abs().max().dataSync()[0]).toBeLessThan(1e-5);
    });
    store.dispose();
  });

  it('flips about half of the images, in training only, and the same ones for the same key', () => {
    const { context, store, randomness } = testContext();
    const stem = patchStem({ height: 2, width: 2, channels: 1, patch: 1, augment: horizontalFlip() })(context);
    tf.tidy(() => {
      const batch = tf.tensor(
        new Float32Array(256).map((_, i) => i % 4),
        [64, 2, 2, 1],
      );
      const encode = (training: boolean, step: number) => {
        randomness.begin(tf.tensor1d(stepKey(1, step), 'int32'));
        return stem.forward(batch, { training }) as tf.Tensor3D;
      };
      const plain = encode(false, 1).arraySync();
      expect(encode(false, 2).arraySync()).toEqual(plain);
      const first = encode(true, 1).arraySync();
      expect(encode(true, 1).arraySync()).toEqual(first);
      expect(encode(true, 2).arraySync()).not.toEqual(first);
      const changed = first.filter((image, i) => JSON.stringify(image) !== JSON.stringify(plain[i])).length;
      expect(changed).toBeGreaterThan(16);
      expect(changed).toBeLessThan(48);
    });
    store.dispose();
  });

  it('mirrors, and mirrors nothing but the columns', () => {
    tf.tidy(() => {
      const root = new RandomRoot();
      root.begin(tf.tensor1d(stepKey(1, 1), 'int32'));
      const batch = tf.tensor4d(
        Array.from({ length: 16 }, () => [
          [[1], [2]],
          [[3], [4]],
        ]),
      );
      const rows = new Set(
        (horizontalFlip()(batch, root.branch('flip'), { training: true }).arraySync() as number[][][][]).map(String),
      );
      expect(rows).toEqual(new Set(['1,2,3,4', '2,1,4,3']));
    });
  });

  it('standardises its batch statistics and keeps running ones', () => {
    const { context, store } = testContext();
    const stem = convStem({ ...size, filters: [4, 6] })(context);
    const running = store.all().filter((v) => v.name.includes('running'));
    expect(running.map((v) => v.trainable)).toEqual([false, false, false, false]);
    const sums = () => running.map(({ tensor }) => tf.tidy(() => tensor.sum().dataSync()[0]));
    const before = sums();
    tf.tidy(() => void stem.forward(tf.tensor(floats[0]!, [1, 8, 12, 2]), { training: false }));
    expect(sums()).toEqual(before);
    tf.tidy(() => void stem.forward(tf.tensor(floats[0]!, [1, 8, 12, 2]), { training: true }));
    expect(sums()).not.toEqual(before);
    store.dispose();
  });

  it('decodes to a class, its name and probabilities', () => {
    const { context, store } = testContext();
    const head = classifier({ classes: ['cat', 'dog', 'owl'] })(context);
    const prediction = head.decode(Float32Array.of(1000, 1002, 900));
    expect(prediction.class).toBe(1);
    expect(prediction.label).toBe('dog');
    expect(prediction.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
    expect(head.initialLoss).toBeCloseTo(Math.log(3), 12);
    const other = testContext();
    expect(Object.keys(classifier({ classes: 3 })(other.context).decode(new Float32Array(3)))).toEqual([
      'class',
      'probabilities',
    ]);
    other.store.dispose();
    store.dispose();
  });

  it('says what does not fit', () => {
    const { context, store } = testContext();
    expect(() => patchStem({ ...size, patch: 3 })).toThrow(
      'patchStem: patch must be a whole number that divides height 8 and width 12, received 3. Choose a common divisor.',
    );
    expect(() => patchStem({ ...size, patch: 4 })(context).prepare(new Float32Array(3))).toThrow(
      'Task "contract": an image of 8 x 12 pixels and 2 channels has 192 numbers, received 3. Scale the image to this size, or correct the options of patchStem.',
    );
    expect(() => convStem({ ...size, filters: [] })).toThrow(
      'convStem: filters must be one or more whole numbers >= 1, received []. Give the channels of at least one convolution.',
    );
    expect(() => convStem({ ...size, filters: [4], mean: [1, 2, 3] })).toThrow(
      'convStem: mean must be one finite number or one for each of 2 channels, received [1, 2, 3]. Give one for all of them, or 2.',
    );
    expect(() => classifier({ classes: 1 })).toThrow(
      'classifier: expected at least 2 classes, received 1. Correct "classes".',
    );
    expect(() => classifier({ classes: 3 })(context).target!.prepare!(3)).toThrow(
      'Task "contract": expected a class from 0 to 2, or -1 for a missing label, received 3. Correct the source\'s targets, or the classifier\'s "classes".',
    );
    store.dispose();
  });
});

import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, evaluate, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { convStem, featureOf, type Mask, segmenter } from 'banyan-ml/heads/vision';
import { runHeadContract, runStemContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

// As the contract has three tokens: 2 x 6 pixels, halved once.
const options = { classes: ['ground', 'square'], height: 2, width: 6, filters: [4] };
const masks = [
  [0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0],
  Uint8Array.of(1, 1, 1, 0, 0, 0, 255, 0, 0, 0, 0, 0),
  Int32Array.of(0, 0, 0, 0, 0, 0, -1, -1, -1, -1, 1, 1),
];
const built = () => segmenter(options)({ ...freshContext(), positions: 3 });

describe('segmenter', () => {
  it('keeps the contract of a head', async () => {
    const features = { [featureOf(0)]: [2, 6, 4] };
    await runHeadContract(segmenter(options), { targets: masks, features });
    await runHeadContract(segmenter({ ...options, classes: 3, labelSmoothing: 0.1 }), { targets: masks, features });
  });

  it('reads a stem that keeps its contract, and gives its features', async () => {
    const stem = convStem({ height: 5, width: 6, channels: 1, filters: [3, 4], features: true });
    const examples = [0, 1].map((k) => Float32Array.from({ length: 30 }, (_, i) => Math.sin(i + k)));
    await runStemContract(stem, { examples });
    const shapes = tf.tidy(() => {
      const encoded = stem(freshContext()).forward(tf.zeros([2, 5, 6, 1]), { training: false });
      const { features } = encoded as { features: Record<string, tf.Tensor> };
      return Object.entries(features).map(([name, { shape }]) => [name, shape]);
    });
    expect(shapes).toEqual([
      ['conv-0', [2, 5, 6, 3]],
      ['conv-1', [2, 3, 3, 4]],
    ]);
  });

  it('has as loss the cross-entropy over the known pixels and the overlap of the classes', () => {
    const head = built();
    const target = head.target!.prepare!([1, 1, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1]) as Int32Array;
    const p = [0.9, 0.6, 0.3];
    const loss = tf.tidy(() => {
      const logits = Array.from({ length: 12 }, (_, i) => [0, i < 3 ? Math.log(p[i]! / (1 - p[i]!)) : 7]);
      return head
        .loss(tf.tensor(logits.flat(), [1, 2, 6, 2]), tf.tensor([...target], [1, 2, 6], 'int32'))
        .dataSync()[0]!;
    });
    const entropy = -(Math.log(0.9) + Math.log(0.6) + Math.log(0.7)) / 3;
    const overlap = (both: number, given: number, there: number) => 1 - (2 * both) / (given + there);
    const dice = (overlap(1.5, 1.8, 2) + overlap(0.7, 1.2, 1)) / 2;
    expect(loss).toBeCloseTo(entropy + dice, 4);
  });

  it('puts the pixels of a token where they are, in sizes that are no powers of two', () => {
    // One filter that passes the first token's number on: a picture of 5 x 3 has 3 x 2 tokens.
    const context = { ...freshContext(), positions: 6 };
    const kept: Record<string, tf.Variable> = {};
    const head = segmenter({ classes: 2, height: 5, width: 3, filters: [1] })({
      ...context,
      variable: (name, ...rest) => (kept[name] = context.variable(name, ...rest)) as never,
    });
    const output = tf.tidy(() => {
      const kernel = tf.buffer([3, 3, context.width + 1, 1]);
      kernel.set(1, 1, 1, 0, 0);
      kept['enlarge-0/kernel']!.assign(kernel.toTensor());
      kept['logits/kernel']!.assign(tf.tensor2d([[0, 1]]));
      const tokens = tf.tensor3d([[1, 2, 3, 4, 5, 6].map((x) => [x, ...Array<number>(context.width - 1).fill(0)])]);
      const features = { [featureOf(0)]: tf.zeros([1, 5, 3, 1]) };
      const logits = head.forward(tokens, { training: false, features }) as tf.Tensor4D;
      return logits.slice([0, 0, 0, 1], [1, 5, 3, 1]).reshape([5, 3]).arraySync();
    });
    expect(output).toEqual([
      [1, 1, 2],
      [1, 1, 2],
      [3, 3, 4],
      [3, 3, 4],
      [5, 5, 6],
    ]);
  });

  it('takes the likeliest class of each pixel', () => {
    const head = built();
    const output = Float32Array.from(Array.from({ length: 12 }, (_, i) => (i < 3 ? [0, 1] : [1, 0])).flat());
    const segmentation = head.decode(output);
    expect([...segmentation.mask]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(head.explain!(segmentation, masks[1])).toEqual({
      predicted: 'ground 75 %, square 25 %',
      expected: 'ground 73 %, square 27 %',
    });
    const [metric] = head.metrics;
    metric!.update(masks[0]!, segmentation);
    // Square: 1 of 6 in common; ground: 6 of 11.
    expect(metric!.result()).toBeCloseTo((1 / 6 + 6 / 11) / 2, 12);
  });

  it('says which option, stem or mask is wrong', () => {
    expect(() => segmenter({ ...options, classes: 1 })).toThrow(
      'segmenter: expected 2 to 255 classes, received 1. Correct "classes".',
    );
    expect(() => segmenter({ ...options, filters: [] })).toThrow('segmenter: filters must be a whole number >= 1');
    expect(() => segmenter(options)(freshContext())).toThrow(
      'Task "contract": its segmenter reads 1 x 3 tokens of pictures of 2 x 6 pixels, and its stem gives any number of tokens. Give both the same height, width and filters.',
    );
    const { prepare } = built().target!;
    expect(() => prepare!([0, 1])).toThrow(
      'Task "contract": expected a mask of 2 x 6 = 12 numbers, received 2. Scale the mask to this size without mixing classes, or correct the segmenter\'s "height" and "width".',
    );
    expect(() => prepare!([0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0])).toThrow(
      'Task "contract": a mask has 2 at row 1, column 1, expected a class from 0 to 1, or -1 where nothing is known. Correct the source\'s masks, or the segmenter\'s "classes".',
    );
    expect(() => prepare!([0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0])).toThrow('a mask has 255 at row 1');
  });

  it('finds squares and bars in noise', async () => {
    const side = 16;
    const filters = [8, 12];
    const task = defineTask({
      name: 'shapes',
      stem: convStem({ height: side, width: side, channels: 1, filters, features: true }),
      head: segmenter({ classes: ['ground', 'square', 'bar'], height: side, width: side, filters }),
      source: generatedSource<Float32Array, Mask>({
        name: 'shapes',
        counts: { training: Number.POSITIVE_INFINITY, validation: 60, test: 0 },
        make: (random) => {
          const mask = new Uint8Array(side * side);
          for (const [label, height, width] of [
            [1, 5, 5],
            [2, 2, 10],
          ] as const) {
            const [top, left] = [random.integer(side - height + 1), random.integer(side - width + 1)];
            for (let y = 0; y < height; y++) mask.fill(label, (top + y) * side + left, (top + y) * side + left + width);
          }
          return { input: Float32Array.from(mask, (label) => Number(label > 0) + 0.2 * random.normal()), target: mask };
        },
      }),
    });
    const network = await createNetwork({ trunk: denseTrunk({ width: 32, depth: 1 }), tasks: [task], seed: 1 });
    await lastValueFrom(train(network, { steps: 150, batch: 16, seed: 1 }));
    const metrics = (await evaluate(network)).shapes!;
    network.dispose();
    expect(metrics['mean-iou']).toBeGreaterThan(0.8);
  });
});

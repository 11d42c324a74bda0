import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dice } from '../../src/loss/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement } from '../golden.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** Two pictures of 2 x 2 places; the second has no class 2. */
const LOGITS = [
  [
    [
      [0.5, -1.0, 2.0],
      [1.5, 0.2, -0.3],
    ],
    [
      [-0.7, 0.4, 0.1],
      [0.0, 1.1, -2.0],
    ],
  ],
  [
    [
      [2.0, 0.0, -1.0],
      [0.3, 0.3, 0.3],
    ],
    [
      [1.0, -0.5, 0.25],
      [-1.2, 0.8, 0.6],
    ],
  ],
];
const classes = (second = [0, 0, 1, 0]) => tf.tensor3d([2, 0, 1, 1, ...second], [2, 2, 2], 'int32');

describe('dice', () => {
  // MONAI 1.6.1, float64: DiceLoss(softmax=True, to_onehot_y=True, reduction='none') gives a loss for each class; their mean over the
  // classes of each target, and its gradient by the logits.
  it('is that of MONAI, over the classes that occur, and so is its gradient', () => {
    const logits = tf.tensor4d(LOGITS);
    const losses = dice()(logits, classes());
    expect(disagreement(losses.dataSync(), [0.33301590375487095, 0.6793356863729099], 1e-6, 0)).toBeLessThanOrEqual(1);
    const gradient = tf
      .grad((x) => dice()(x, classes()).sum())(logits)
      .dataSync();
    const expected = [
      [0.03884121073817427, 0.00782313700418606, -0.04666434774236032],
      [-0.060081031233235375, 0.03513381997434802, 0.024947211258887356],
      [0.016108070657609434, -0.05555610683471044, 0.03944803617710101],
      [0.037711168947224046, -0.043144172961119116, 0.005433004013895083],
      [-0.02313065983161794, 0.017834394081487848, 0.005296265750130073],
      [-0.037452368143626485, 0.023743398970432712, 0.013708969173193763],
      [0.04767835166402301, -0.05535333586065572, 0.007674984196632694],
      [-0.010960778565398515, 0.012961623784581409, -0.0020008452191828947],
    ];
    expect(disagreement(gradient, expected, 1e-5, 1e-6)).toBeLessThanOrEqual(1);
  });

  it('is 0 for what is right beyond doubt, and 1 for what is wrong beyond doubt', () => {
    const [right, wrong] = [tf.oneHot(classes(), 3), tf.oneHot(classes().add(1).mod(3).cast('int32'), 3)];
    const far = [...dice()(right.mul(50), classes()).dataSync(), ...dice()(wrong.mul(50), classes()).dataSync()];
    for (const [i, expected] of [0, 0, 1, 1].entries()) expect(far[i]).toBeCloseTo(expected, 4);
  });

  it('leaves out places of which nothing is known', () => {
    const logits = tf.tensor4d(LOGITS);
    const part = dice()(logits, classes([0, -1, 1, -1])).dataSync();
    const alone = tf.tensor3d([LOGITS[1]!.map(([first]) => first!)]); // [1, 2, 3]
    const expected = dice()(alone, tf.tensor2d([[0, 1]], undefined, 'int32')).dataSync()[0]!;
    expect(part[1]).toBeCloseTo(expected, 6);
    expect(dice()(logits, classes([-1, -1, -1, -1])).dataSync()[1]).toBe(0);
    const gradient = tf
      .grad((x) => dice()(x, classes([-1, -1, -1, -1])).sum())(logits)
      .dataSync();
    expect([...gradient.slice(12)]).toEqual(new Array(12).fill(0));
  });

  it('has no loss for what is no class, and says what does not fit', () => {
    const losses = dice()(tf.tensor4d(LOGITS), classes([0, 3, 0, 0])).dataSync();
    expect([losses[0]! < 1, losses[1]]).toEqual([true, Number.NaN]);
    expect(() => dice()(tf.zeros([2, 2, 2, 3]), tf.zeros([2, 4], 'int32'))).toThrow(
      "dice: logits of shape [2,2,2,3] for a target of shape [2,4], expected the target's shape and the classes. Give one number per class for each place.",
    );
  });
});

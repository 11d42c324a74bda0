import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { infoNce } from '../../src/loss/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement } from '../golden.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const VECTORS = [
  [0.3, -1.2, 0.5],
  [1.0, 0.1, -0.4],
  [0.2, -0.9, 0.9],
  [-0.6, 0.7, 1.1],
  [1.4, 0.5, -0.2],
  [0.1, 0.1, 2.0],
];
const groups = (...numbers: number[]) => tf.tensor1d(numbers, 'int32');

// pytorch-metric-learning 2.9.0, float64, with a DoNothingReducer: the losses, and the gradient of their sum.
const CASES = {
  // SupConLoss(temperature=0.2)
  'groups of any size': {
    target: [1, 2, 1, 1, 2, 3],
    losses: [2.994297730082822, 0.014134080413217176, 2.2547763907122693, 4.180192872399831, 0.01598835384574021, 0],
    gradient: [
      [1.2953027349495905, -0.5629001098561139, -2.128141904624427],
      [0.023643528035933177, -0.12082167378642869, 0.028903401643225704],
      [1.8347647991139295, -2.378785514101277, -2.7865110250154825],
      [0.1332708239968199, 4.141722291826603, -2.5629482817095717],
      [0.013613452879957383, -0.004602348008163344, 0.08378830013929352],
      [-0.9715487577852856, 0.5657965099167982, 0.020287612393424137],
    ],
  },
  // NTXentLoss(temperature=0.2)
  pairs: {
    target: [1, 2, 1, 3, 2, 3],
    losses: [
      0.06823122690036253, 0.014134080413217207, 0.2667842854743261, 0.051179890758676384, 0.01598835384574018,
      0.5591069177242716,
    ],
    gradient: [
      [0.12647991181484758, 0.02729912563491868, -0.010370045565103903],
      [0.02762580925215869, -0.11990382458417595, 0.039088566984352605],
      [-0.2545433105230218, 1.5514394579293793, 1.6080046380456066],
      [-0.5566227665364901, 0.38689640251926655, -0.5498192197139823],
      [0.01693758331469747, -0.002488739061218787, 0.11234123554983552],
      [0.8211551293527806, -1.819276942597071, 0.049906090662214464],
    ],
  },
};

describe('infoNce', () => {
  it.each(Object.entries(CASES))('%s: that of PyTorch, and its gradient', (_, { target, losses, gradient }) => {
    const loss = infoNce({ temperature: 0.2 });
    const vectors = tf.tensor2d(VECTORS);
    expect(disagreement(loss(vectors, groups(...target)).dataSync(), losses, 1e-5, 1e-6)).toBeLessThanOrEqual(1);
    const received = tf
      .grad((x) => loss(x, groups(...target)).sum())(vectors)
      .dataSync();
    expect(disagreement(received, gradient, 1e-5, 3e-6)).toBeLessThanOrEqual(1);
  });

  it('compares a sample of which nothing is known with nobody', () => {
    const part = infoNce()(tf.tensor2d(VECTORS), groups(1, 0, 1, 2, 0, 2)).dataSync();
    const known = infoNce()(tf.tensor2d([0, 2, 3, 5].map((i) => VECTORS[i]!)), groups(1, 1, 2, 2)).dataSync();
    expect([part[1], part[4]]).toEqual([0, 0]);
    expect(
      disagreement(
        [0, 2, 3, 5].map((i) => part[i]!),
        [...known],
        1e-6,
        0,
      ),
    ).toBeLessThanOrEqual(1);
    const nobody = tf.grad((x) => infoNce()(x, groups(0, 0, 0, 0, 0, 0)).sum())(tf.tensor2d(VECTORS));
    expect(nobody.dataSync().every((slope) => slope === 0)).toBe(true);
  });

  it('does not care how long a vector is, and takes one of length 0', () => {
    const target = groups(1, 1, 2, 2, 3, 3);
    const [plain, long] = [1, 1000].map((by) => infoNce()(tf.tensor2d(VECTORS).mul(by), target).dataSync());
    expect(disagreement(long!, [...plain!], 1e-4, 1e-6)).toBeLessThanOrEqual(1);
    const gradient = tf
      .grad((x) => infoNce()(x, target).sum())(tf.zeros([6, 3]))
      .dataSync();
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it('says what does not fit', () => {
    expect(() => infoNce({ temperature: 0 })).toThrow(
      'infoNce: temperature must be a number > 0, received 0. Raise it above 0.',
    );
    expect(() => infoNce()(tf.zeros([6]), groups(1))).toThrow(
      'infoNce: expected an output of shape [batch, size], received [6]. Give one vector for each sample.',
    );
  });
});

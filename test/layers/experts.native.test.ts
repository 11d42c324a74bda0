import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MixtureOfExpertsOptions, mixtureOfExperts } from '../../src/layers/index.ts';
import { RandomStream, stepKey } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import type { Call } from '../../src/task/contract.ts';
import { type TestContext, testContext } from '../../src/testing/test-context.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const [BATCH, POSITIONS, WIDTH] = [2, 5, 16];
const plain: Call = { training: false };

function numbers(shape: readonly number[], name: string): tf.Tensor {
  const stream = new RandomStream(5, name);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    [...shape],
  );
}
const tokensOf = (name: string) => numbers([BATCH, POSITIONS, WIDTH], name) as tf.Tensor3D;

function built(options: MixtureOfExpertsOptions): {
  layer: ReturnType<typeof mixtureOfExperts>;
  bench: TestContext;
  weights: Record<'gate' | 'noise' | 'first' | 'second', tf.Variable>;
} {
  const bench = testContext();
  const layer = mixtureOfExperts(bench.context, 'mixture', options);
  const weights = Object.fromEntries(
    bench.store.all().map(({ name, tensor }) => [name.replace('contract/mixture/', ''), tensor]),
  ) as Record<string, tf.Variable>;
  // Gates begin at 0, where all experts are alike.
  weights.gate!.assign(numbers([WIDTH, options.experts], 'gate'));
  weights.noise!.assign(numbers([WIDTH, options.experts], 'noise'));
  return { layer, bench, weights: weights as never };
}

const largest = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

/** The published formula for one token, number by number. */
function byHand(token: readonly number[], { weights }: ReturnType<typeof built>, experts: number, k: number) {
  const gate = weights.gate.arraySync() as number[][];
  const [first, second] = (['first', 'second'] as const).map((name) => weights[name].arraySync() as number[][][]);
  const hidden = second![0]!.length;
  const logits = Array.from({ length: experts }, (_, e) => token.reduce((sum, x, i) => sum + x * gate![i]![e]!, 0));
  const best = logits
    .map((logit, e) => [logit, e] as const)
    .sort(([a], [b]) => b - a)
    .slice(0, k);
  const total = best.reduce((sum, [logit]) => sum + Math.exp(logit), 0);
  const result = Array<number>(WIDTH).fill(0);
  for (const [logit, e] of best) {
    for (let h = 0; h < hidden; h++) {
      const value = Math.max(
        0,
        token.reduce((sum, x, i) => sum + x * first![e]![i]![h]!, 0),
      );
      for (let j = 0; j < WIDTH; j++) result[j]! += (Math.exp(logit) / total) * value * second![e]![h]![j]!;
    }
  }
  return result;
}

describe('mixtureOfExperts', () => {
  it.each([
    [6, 2],
    [4, 1],
    [3, 3],
  ])('of %i experts sends each token through its best %i, as the formula says', (experts, k) => {
    const mixture = built({ experts, k, hidden: 5 });
    const tokens = tokensOf('tokens');
    const given = mixture.layer(tokens, plain).arraySync();
    for (const [b, sample] of tokens.arraySync().entries())
      for (const [p, token] of sample.entries())
        for (const [j, value] of byHand(token, mixture, experts, k).entries())
          expect(given[b]![p]![j]).toBeCloseTo(value, 4);
  });

  it('lets no token depend on its neighbours, and sends padding nowhere', () => {
    const { layer } = built({ experts: 5, k: 2 });
    const [tokens, others] = [tokensOf('tokens'), tokensOf('others')];
    const mask = tf.tensor2d([
      [1, 1, 1, 1, 1],
      [1, 1, 0, 0, 0],
    ]);
    const whole = layer(tokens, { ...plain, mask });
    const changed = tf.concat([others.slice([0], [1]), tokens.slice([1], [1])], 0) as tf.Tensor3D;
    const other = layer(changed, { ...plain, mask });
    expect(largest(whole.slice([1], [1]), other.slice([1], [1]))).toBe(0);
    expect(whole.slice([1, 2, 0], [1, 3, WIDTH]).abs().max().dataSync()[0]).toBe(0);
  });

  it('tells of each token the k experts that it goes to, and none of padding', () => {
    const mixture = built({ experts: 5, k: 2 });
    const tokens = tokensOf('tokens');
    const mask = tf.tensor2d([
      [1, 1, 1, 1, 1],
      [1, 1, 0, 0, 0],
    ]);
    let told: number[][][] = [];
    mixture.layer(tokens, { ...plain, mask, routes: (visits) => (told = visits.arraySync()) });
    const gate = mixture.weights.gate.arraySync() as number[][];
    const expected = (tokens.arraySync() as number[][][]).map((sample, b) =>
      sample.map((token, p) => {
        const logits = Array.from({ length: 5 }, (_, e) => token.reduce((sum, x, i) => sum + x * gate[i]![e]!, 0));
        const second = [...logits].sort((x, y) => y - x)[1]!;
        return logits.map((logit) => (logit >= second && (b === 0 || p < 2) ? 1 : 0));
      }),
    );
    expect(told).toEqual(expected);
  });

  it('draws its noise in training alone, from the key of the step', () => {
    const { layer, bench } = built({ experts: 5, k: 2 });
    const drawn = (step: number) => {
      bench.randomness.begin(tf.tensor1d(stepKey(1, step), 'int32'));
      return layer(tokensOf('tokens'), { training: true });
    };
    expect(largest(drawn(1), drawn(1))).toBe(0);
    expect(largest(drawn(1), drawn(2))).toBeGreaterThan(0.01);
  });

  it('has a loss of 0 where all experts are used alike, and of n - 1 where one has all', () => {
    const lossOf = (gate: tf.Tensor, tokens: tf.Tensor3D, k: number, training = false) => {
      const { layer, weights } = built({ experts: 4, k });
      weights.gate.assign(gate as never);
      weights.noise.assign(tf.fill([WIDTH, 4], 0));
      const losses: number[] = [];
      layer(tokens, { training, also: (loss) => losses.push(loss.dataSync()[0]!) });
      expect(losses).toHaveLength(1);
      return losses[0]!;
    };
    // Gates of 0: a quarter each, and each among the four.
    expect(lossOf(tf.zeros([WIDTH, 4]), tokensOf('tokens'), 4)).toBeCloseTo(0, 6);
    // All tokens to the first expert: importance and use are both (4 - 1), of which a hundredth counts.
    const toFirst = tf.concat([tf.fill([WIDTH, 1], 50), tf.zeros([WIDTH, 3])], 1);
    expect(lossOf(toFirst, tf.ones([BATCH, POSITIONS, WIDTH]), 1)).toBeCloseTo(0.01 * (3 + 3), 4);
  });

  it('knows how likely an expert is chosen, by drawing the noise many times', () => {
    // One token in many copies: the shares of draws in which an expert is among the two best are the chances.
    const count = 4000;
    const { layer, bench, weights } = built({ experts: 3, k: 2 });
    weights.noise.assign(tf.zeros([WIDTH, 3]));
    const token = numbers([1, 1, WIDTH], 'token');
    const clean = tf.matMul(token.reshape([1, WIDTH]), weights.gate.mul(0.2) as tf.Tensor2D);
    weights.gate.assign(weights.gate.mul(0.2));
    bench.randomness.begin(tf.tensor1d(stepKey(1, 1), 'int32'));
    let loss = 0;
    layer(token.tile([1, count, 1]) as tf.Tensor3D, { training: true, also: (own) => (loss = own.dataSync()[0]!) });
    // By Monte Carlo on the host: importance is the mean softmax of the two best, load how often each is among them.
    const [mean, deviation] = [clean.dataSync(), Math.log(2) + 0.01];
    const stream = new RandomStream(3, 'noise');
    const [importance, load] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let i = 0; i < 40_000; i++) {
      const h = Array.from(mean, (m) => m + deviation * stream.normal());
      const worst = h.indexOf(Math.min(...h));
      const total = h.reduce((sum, x, e) => sum + (e === worst ? 0 : Math.exp(x)), 0);
      for (const [e, x] of h.entries()) {
        if (e === worst) continue;
        importance![e]! += Math.exp(x) / total;
        load![e]!++;
      }
    }
    const unevenness = (uses: readonly number[]) => {
      const m = uses.reduce((a, b) => a + b, 0) / uses.length;
      return uses.reduce((sum, use) => sum + (use - m) ** 2, 0) / uses.length / m ** 2;
    };
    const expected = 0.01 * (unevenness(importance!) + unevenness(load!));
    expect(expected).toBeGreaterThan(1e-4);
    expect(Math.abs(loss / expected - 1)).toBeLessThan(0.15);
  });

  it('has the gradient of its loss that finite differences find, the noise held', () => {
    const { layer, bench, weights } = built({ experts: 4, k: 2 });
    const tokens = tokensOf('tokens');
    const lossAt = () => {
      bench.randomness.begin(tf.tensor1d(stepKey(1, 1), 'int32'));
      let own: tf.Scalar | undefined;
      layer(tokens, {
        training: true,
        also: (loss) => {
          own = loss;
        },
      });
      return own!.mul(1000) as tf.Scalar;
    };
    for (const variable of [weights.gate, weights.noise]) {
      const { grads } = tf.variableGrads(lossAt, [variable]);
      const gradient = Object.values(grads)[0]!.dataSync() as Float32Array;
      const before = variable.dataSync().slice();
      const at = gradient.reduce((best, x, i) => (Math.abs(x) > Math.abs(gradient[best]!) ? i : best), 0);
      const shifted = (by: number) => {
        const values = before.slice();
        values[at]! += by;
        variable.assign(tf.tensor(values, variable.shape));
        return lossAt().dataSync()[0]!;
      };
      const step = 2e-3;
      const difference = (shifted(step) - shifted(-step)) / (2 * step);
      variable.assign(tf.tensor(before, variable.shape));
      expect(Math.abs(gradient[at]!)).toBeGreaterThan(1e-3);
      expect(difference / gradient[at]!).toBeCloseTo(1, 1);
    }
  });

  it.each([
    [{ experts: 4, k: 5 }, 'mixtureOfExperts: k must be a whole number from 1 to 4, received 5.'],
    [{ experts: 0, k: 1 }, 'mixtureOfExperts: experts must be a whole number >= 1, received 0.'],
    [{ experts: 2, k: 1, hidden: 0.5 }, 'mixtureOfExperts: hidden must be a whole number >= 1, received 0.5.'],
  ])('refuses %j', (options, message) => {
    expect(() => mixtureOfExperts(testContext().context, 'mixture', options)).toThrow(message);
  });
});

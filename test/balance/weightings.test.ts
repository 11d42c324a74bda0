import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../src/balance/method.ts';
import { autoLambda } from '../../src/balance/weightings/auto-lambda.ts';
import { dbMtl } from '../../src/balance/weightings/db-mtl.ts';
import { dwa } from '../../src/balance/weightings/dwa.ts';
import { equal } from '../../src/balance/weightings/equal.ts';
import { excessMtl } from '../../src/balance/weightings/excess-mtl.ts';
import { famo } from '../../src/balance/weightings/famo.ts';
import { gls } from '../../src/balance/weightings/gls.ts';
import { gradnorm } from '../../src/balance/weightings/gradnorm.ts';
import { imtlL } from '../../src/balance/weightings/imtl-l.ts';
import { rlw } from '../../src/balance/weightings/rlw.ts';
import { staticWeights } from '../../src/balance/weightings/static.ts';
import { stch } from '../../src/balance/weightings/stch.ts';
import { uncertainty } from '../../src/balance/weightings/uncertainty.ts';
import { RandomStream } from '../../src/random/stream.ts';
import { disagreement, golden } from '../golden.ts';
import { products, start, statisticsOf } from './statistics.ts';

interface Problem {
  readonly A: readonly Matrix[];
  readonly b: Matrix;
  readonly c: readonly number[];
  readonly theta0: readonly number[];
}
interface Row {
  readonly theta: readonly number[];
  readonly losses: readonly number[];
  readonly weights?: readonly number[];
  readonly log_var?: readonly number[];
  readonly logits?: readonly number[];
}
interface Case {
  readonly id: string;
  readonly method: string;
  readonly problem: string;
  readonly hyper: Readonly<Record<string, number | string>>;
  readonly rtol: number;
  readonly atol: number;
  readonly trajectory?: readonly Row[];
  readonly loss_history?: Matrix;
  readonly weights?: Matrix;
}
const { problems, cases } = golden<{ problems: Record<string, Problem>; cases: Case[] }>('weightings');

/** `L_k = 0.5 |A_k θ - b_k|² + c_k` and its gradient, for each task. */
function evaluate({ A, b, c }: Problem, theta: readonly number[]) {
  const residuals = A.map((rows, k) => products(rows, [theta]).map(([value], i) => value! - b[k]![i]!));
  return {
    losses: residuals.map((r, k) => 0.5 * r.reduce((sum, value) => sum + value ** 2, 0) + c[k]!),
    jacobian: residuals.map((r, k) => theta.map((_, p) => r.reduce((sum, value, i) => sum + A[k]![i]![p]! * value, 0))),
  };
}

/** What moves θ in a case: SGD, or Adam. */
function mover({ optimizer, lr_theta }: Case['hyper'], size: number) {
  const [mean, square] = [new Array<number>(size).fill(0), new Array<number>(size).fill(0)];
  let step = 0;
  return (theta: readonly number[], gradient: readonly number[]) => {
    step++;
    if (!String(optimizer).startsWith('adam')) return theta.map((x, i) => x - Number(lr_theta) * gradient[i]!);
    return theta.map((x, i) => {
      mean[i] = 0.9 * mean[i]! + 0.1 * gradient[i]!;
      square[i] = 0.999 * square[i]! + 0.001 * gradient[i]! ** 2;
      const root = Math.sqrt(square[i]! / (1 - 0.999 ** step)) + 1e-8;
      return x - (Number(lr_theta) * (mean[i]! / (1 - 0.9 ** step))) / root;
    });
  };
}

function build({ id, method, hyper }: Case) {
  switch (method) {
    case 'uncertainty':
      return start(uncertainty, 2, {
        form: id.includes('plain') ? 'plain' : 'regression',
        optimizer: id.endsWith('adam') ? 'adam' : 'sgd',
        learningRate: hyper.lr_s,
        initial: hyper.s0,
      });
    case 'dwa':
      return start(dwa, 2, { temperature: hyper.T, every: 1 });
    case 'gradnorm':
      return start(gradnorm, 2, {
        form: id.includes('softmax') ? 'softmax' : 'paper',
        alpha: hyper.alpha,
        learningRate: hyper.lr_w ?? hyper.lr_logits,
      });
    case 'gls':
      return start(gls, 2);
    case 'famo':
      return start(famo, 2, { learningRate: hyper.w_lr, weightDecay: hyper.gamma });
    default:
      throw new Error(`No balancer for the method ${method} of case ${id}.`);
  }
}

describe('trajectories from outside', () => {
  it.each(cases.filter(({ trajectory }) => trajectory !== undefined))('$id', (example) => {
    const problem = problems[example.problem]!;
    const balancer = build(example);
    const move = mover(example.hyper, problem.theta0.length);
    const agree = (what: string, actual: readonly number[], expected: readonly number[] | undefined, step: number) => {
      if (expected === undefined) return;
      expect(disagreement(actual, expected, example.rtol, example.atol), `${what} of step ${step}`).toBeLessThan(1);
    };
    let theta = problem.theta0;
    for (const [t, row] of example.trajectory!.entries()) {
      const { losses, jacobian } = evaluate(problem, theta);
      const state = balancer.state?.() as { s?: number[]; logits?: number[]; values?: number[] } | undefined;
      agree('theta', theta, row.theta, t);
      agree('losses', losses, row.losses, t);
      if (row.log_var !== undefined) agree('log variance', state!.s!, row.log_var, t);
      if (row.logits !== undefined) agree('logits', (state!.logits ?? state!.values)!, row.logits, t);
      const weights = [...balancer.weights(statisticsOf(t + 1, losses, jacobian))];
      agree('weights', weights, row.weights, t);
      const gradient = theta.map((_, p) => weights.reduce((sum, weight, k) => sum + weight * jacobian[k]![p]!, 0));
      theta = move(theta, gradient);
      balancer.observeLossesAfter?.(Float64Array.from(evaluate(problem, theta).losses));
    }
  });

  it.each(cases.filter(({ loss_history }) => loss_history !== undefined))('$id', (example) => {
    const balancer = start(dwa, 3, { temperature: example.hyper.T, every: 1 });
    for (const [t, expected] of example.weights!.entries()) {
      const losses = example.loss_history![t] ?? [1, 1, 1];
      const weights = balancer.weights(statisticsOf(t + 1, losses, [[1], [1], [1]]));
      expect(disagreement(weights, expected, example.rtol, example.atol), `epoch ${t}`).toBeLessThan(1);
    }
  });
});

/** Factors of a first step, and of a second. */
const close = (actual: ArrayLike<number>, expected: readonly number[]) =>
  expect(disagreement(actual, expected, 1e-12, 1e-14)).toBeLessThan(1);

describe('steps worked by hand', () => {
  it('equal and static', () => {
    close(start(equal, 3).weights(statisticsOf(1, [1, 2, 3], [[1], [1], [1]])), [1, 1, 1]);
    close(start(staticWeights, 2, { weights: [0.3, 2] }).weights(statisticsOf(1, [1, 2], [[1], [1]])), [0.3, 2]);
    close(start(staticWeights, 2).weights(statisticsOf(1, [1, 2], [[1], [1]])), [1, 1]);
  });

  it('uncertainty, revised: d/ds [0.5 exp(-s) L + ln(1 + exp(s))] = 1 / (1 + exp(-s)) - 0.5 exp(-s) L', () => {
    // s = 0, so sigma² = 1: factors 1 / (2 sigma²) = 0.5; slopes 0.5 - 0.5 L = -1 and 0.25 for L = 3 and 0.5.
    // SGD with 0.2: s = 0.2 and -0.05.
    const balancer = start(uncertainty, 2, { form: 'revised', optimizer: 'sgd', learningRate: 0.2 });
    const step = statisticsOf(1, [3, 0.5], [[1], [1]]);
    close(balancer.weights(step), [0.5, 0.5]);
    close(balancer.weights(step), [0.5 * Math.exp(-0.2), 0.5 * Math.exp(0.05)]);
  });

  it('dwa, epochs of two steps: ratios of the means over epochs', () => {
    const balancer = start(dwa, 2, { temperature: 2, every: 2 });
    // Means of the first epoch 3 and 1, of the second 1.5 and 2 (the second task has no part in its last step): ratios 0.5 and 2.
    const losses = [
      [2, 1],
      [4, 1],
      [1, 2],
    ];
    for (const [t, row] of losses.entries()) close(balancer.weights(statisticsOf(t + 1, row, [[1], [1]])), [1, 1]);
    close(balancer.weights({ ...statisticsOf(4, [2], [[1]]), tasks: [0] }), [1]);
    const [a, b] = [Math.exp(0.25), Math.exp(1)];
    close(balancer.weights(statisticsOf(5, [1, 1], [[1], [1]])), [(2 * a) / (a + b), (2 * b) / (a + b)]);
  });

  it('imtl-l: d/ds [exp(s) L - s] = exp(s) L - 1, and s settles where exp(s) L = 1', () => {
    // s = 0: factors 1; slopes L - 1 = 2 and -0.5. SGD with 0.1: s = -0.2 and 0.05.
    const balancer = start(imtlL, 2, { optimizer: 'sgd', learningRate: 0.1 });
    const step = statisticsOf(1, [3, 0.5], [[1], [1]]);
    close(balancer.weights(step), [1, 1]);
    close(balancer.weights(step), [Math.exp(-0.2), Math.exp(0.05)]);
    for (let t = 0; t < 2000; t++) balancer.weights(step);
    close(balancer.weights(step), [1 / 3, 2]);
  });

  it('stch: λ_k softmax(λ (L - z) / μ)_k', () => {
    // Exponents: 2 (1.5 - 0.5) / 2 = 1 and 1 (1 - 0) / 2 = 0.5.
    const balancer = start(stch, 2, { temperature: 2, preference: [2, 1], ideal: [0.5, 0] });
    const [a, b] = [Math.exp(1), Math.exp(0.5)];
    close(balancer.weights(statisticsOf(1, [1.5, 1], [[1], [1]])), [(2 * a) / (a + b), b / (a + b)]);
  });

  it.each([false, true])('stch is the derivative of its objective (logarithm: %s)', (logarithm) => {
    const [mu, lambda, ideal] = [0.3, [0.2, 0.5, 0.3], [0.1, -0.2, 0]];
    const objective = (losses: readonly number[]) =>
      mu *
      Math.log(
        losses.reduce(
          (sum, loss, k) => sum + Math.exp((lambda[k]! * ((logarithm ? Math.log(loss) : loss) - ideal[k]!)) / mu),
          0,
        ),
      );
    const losses = [0.7, 1.9, 0.4];
    const balancer = start(stch, 3, { temperature: mu, preference: lambda, ideal, logarithm });
    const weights = balancer.weights(statisticsOf(1, losses, [[1], [1], [1]]));
    const h = 1e-5;
    for (const k of losses.keys()) {
      const [up, down] = [h, -h].map((d) => objective(losses.map((loss, j) => (j === k ? loss + d : loss))));
      expect(weights[k]).toBeCloseTo((up! - down!) / (2 * h), 8);
    }
  });

  it('db-mtl: factors max_j (|g_j| / L_j) / |g_k|', () => {
    // |g| = 5 and 2; |g| / L = 2.5 and 4; factors 4 / 5 and 4 / 2. Both parts of the update have the norm 4.
    const jacobian = [
      [3, 4],
      [0, 2],
    ];
    close(start(dbMtl, 2).weights(statisticsOf(1, [2, 0.5], jacobian)), [0.8, 2]);
  });

  it("excess-mtl: the paper's formula, where all coordinates of a gradient have one size", () => {
    // Coordinates ±a_k(t) in P = 4: per coordinate a² / sqrt(Σ_τ a_τ²), so E_k(t) = 4 a_t² / sqrt(Σ_τ a_τ²).
    // Task 0: a = 1, then 2: E = 4, then 16 / sqrt(5); ratio 4 / sqrt(5). Task 1: a = 3, then 4: E = 12, then 64 / 5;
    // ratio 16 / 15.
    const rows = (a: number, b: number) => [
      [a, -a, a, a],
      [b, b, -b, b],
    ];
    const balancer = start(excessMtl, 2, { stepSize: 0.5 });
    close(balancer.weights(statisticsOf(1, [1, 1], rows(1, 3))), [0.5, 0.5]);
    const [a, b] = [Math.exp(0.5 * (4 / Math.sqrt(5))), Math.exp(0.5 * (16 / 15))];
    close(balancer.weights(statisticsOf(2, [1, 1], rows(2, 4))), [a / (a + b), b / (a + b)]);
  });

  it('excess-mtl: the unit is the mean over the warm-up', () => {
    // One coordinate: E = 1, 4 / sqrt(5); unit their mean u; then 9 / sqrt(14) / u. Task 1 always has E_t = 1 / sqrt(t).
    const balancer = start(excessMtl, 2, { stepSize: 1, warmup: 2 });
    for (const a of [1, 2]) close(balancer.weights(statisticsOf(a, [1, 1], [[a], [1]])), [0.5, 0.5]);
    const u = (1 + 4 / Math.sqrt(5)) / 2;
    const w = (1 + 1 / Math.sqrt(2)) / 2;
    const [a, b] = [Math.exp(9 / Math.sqrt(14) / u), Math.exp(1 / Math.sqrt(3) / w)];
    close(balancer.weights(statisticsOf(3, [1, 1], [[3], [1]])), [a / (a + b), b / (a + b)]);
  });

  it('auto-lambda: λ_i moves by learning rate x α g_i · v', () => {
    // v = (1, 1) + (0, 2) = (1, 3); g_0 · v = 7, g_1 · v = -1; SGD with 0.1 and α = 0.2: λ = 0.1 + 0.02 (7, -1).
    const [g, second] = [
      [
        [1, 2],
        [-1, 0],
      ],
      [
        [1, 1],
        [0, 2],
      ],
    ];
    const options = { optimizer: 'sgd', learningRate: 0.1, lookahead: 0.2 };
    close(start(autoLambda, 2, options).weights(statisticsOf(1, [1, 1], g, second)), [0.24, 0.08]);
    // Task 1 alone: v = (0, 2), g_0 · v = 4, g_1 · v = 0.
    close(start(autoLambda, 2, { ...options, primary: [1] }).weights(statisticsOf(1, [1, 1], g, second)), [0.18, 0.1]);
    // By Adam the first step is the learning rate in the direction of the sign.
    const adam = start(autoLambda, 2).weights(statisticsOf(1, [1, 1], g, second));
    expect(disagreement(adam, [0.1001, 0.0999], 1e-6, 0)).toBeLessThan(1);
  });

  it("auto-lambda: the products are the limit of the paper's finite difference", () => {
    const [problem, second] = [
      problems.quad2!,
      { ...problems.quad2!, b: problems.quad2!.b.map((b) => b.map((x) => x + 0.3)) },
    ];
    const theta = problem.theta0;
    const v = evaluate(second, theta).jacobian.reduce((a, b) => a.map((value, i) => value + b[i]!));
    const epsilon = 1e-4;
    const at = (sign: number) =>
      evaluate(
        problem,
        theta.map((x, i) => x + sign * epsilon * v[i]!),
      ).losses;
    const [up, down] = [at(1), at(-1)];
    const options = { optimizer: 'sgd', learningRate: 1, lookahead: 0.01, initial: 1 };
    const { losses, jacobian } = evaluate(problem, theta);
    const weights = start(autoLambda, 2, options).weights(
      statisticsOf(1, losses, jacobian, evaluate(second, theta).jacobian),
    );
    for (const k of losses.keys()) expect(weights[k]).toBeCloseTo(1 + (0.01 * (up[k]! - down[k]!)) / (2 * epsilon), 8);
  });

  it.each([
    // Of a Dirichlet distribution with K times the concentration a: mean 1 / K, variance (K - 1) / (K² (K a + 1)).
    ['dirichlet', 1, 2 / 36],
    ['dirichlet', 0.3, 2 / (9 * 1.9)],
    ['dirichlet', 5, 2 / (9 * 16)],
    // Of the softmax of three standard normal numbers, by numerical integration.
    ['normal', 1, 0.04941],
  ] as const)(
    'rlw, %s of concentration %s: the mean and variance of the distribution',
    (distribution, concentration, variance) => {
      const balancer = start(rlw, 3, { distribution, concentration });
      const draws = Array.from({ length: 20_000 }, (_, t) =>
        balancer.weights({ step: t, losses: new Float64Array(3), random: new RandomStream(5, `draw ${t}`) }),
      );
      for (const draw of draws) expect(draw.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      const mean = draws.reduce((sum, [first]) => sum + first!, 0) / draws.length;
      expect(mean).toBeCloseTo(1 / 3, 2);
      const spread = draws.reduce((sum, [first]) => sum + (first! - mean) ** 2, 0) / draws.length;
      expect(Math.abs(spread / variance - 1)).toBeLessThan(0.03);
    },
  );
});

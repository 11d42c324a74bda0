// The two-dimensional problem of the papers on CAGrad, Nash-MTL and FAMO: a valley in which the mean loss gets stuck, and a
// Pareto set x1 in [-7, 7], x2 about -8.4, whose middle (0, -8.355) is the minimum of the mean loss.
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../src/balance/index.ts';

type Point = readonly [number, number];

const LOWEST = 5e-6;

/** Gradients of both losses; the first loss is multiplied by `scale`. */
function gradients([x1, x2]: Point, scale: number): [number[], number[]] {
  const tanh = Math.tanh(x2);
  const slope = 1 - tanh ** 2;
  const half = Math.tanh(0.5 * x2);
  const upper = Math.max(half, 0); // c1
  const lower = Math.max(-half, 0); // c2
  const steep = 0.5 * (1 - half ** 2);
  const [risesUpper, risesLower] = [x2 > 0 ? steep : 0, x2 < 0 ? -steep : 0];
  const one = (inner: number, d1: number, d2: number, centre: number) => {
    const size = Math.max(Math.abs(inner), LOWEST);
    const f = Math.log(size) + 6;
    const [f1, f2] = Math.abs(inner) > LOWEST ? [d1 / inner, d2 / inner] : [0, 0];
    const g = ((-x1 + centre) ** 2 + 0.1 * (-x2 - 8) ** 2) / 10 - 20;
    const [g1, g2] = [(-2 * (-x1 + centre)) / 10, (-0.2 * (-x2 - 8)) / 10];
    return [f1 * upper + g1 * lower, f2 * upper + f * risesUpper + g2 * lower + g * risesLower];
  };
  const first = one(0.5 * (-x1 - 7) + tanh, -0.5, slope, 7);
  const second = one(0.5 * (-x1 + 3) - tanh + 2, -0.5, -slope, -7);
  return [first.map((value) => scale * value), second];
}

/** Where Adam at 1e-3 has got to. */
function descend(method: string, start: Point, steps: number, { scale = 1, options = {} } = {}): [number, number] {
  const at: [number, number] = [...start];
  const moments = [0, 0];
  const squares = [0, 0];
  for (let step = 1; step <= steps; step++) {
    const gradient = aggregate(method, gradients(at, scale), options);
    for (const i of [0, 1] as const) {
      moments[i] = 0.9 * moments[i]! + 0.1 * gradient[i]!;
      squares[i] = 0.999 * squares[i]! + 0.001 * gradient[i]! ** 2;
      const root = Math.sqrt(squares[i]! / (1 - 0.999 ** step)) + 1e-8;
      at[i]! -= (1e-3 * moments[i]!) / (1 - 0.9 ** step) / root;
    }
  }
  return at;
}

const starts: readonly Point[] = [
  [-8.5, 7.5],
  [-8.5, -5],
  [9, 9],
];

function expectPareto([x1, x2]: Point): void {
  expect(Math.abs(x1)).toBeLessThan(7.05);
  expect(x2).toBeGreaterThan(-8.45);
  expect(x2).toBeLessThan(-8.3);
}

function expectMiddle([x1, x2]: Point): void {
  expect(Math.abs(x1)).toBeLessThan(0.05);
  expect(Math.abs(x2 + 8.355)).toBeLessThan(0.05);
}

describe('from three starts', { timeout: 60_000 }, () => {
  it('the mean gets stuck in the valley from two of them', () => {
    expect(descend('mean', starts[0]!, 30_000)[1]).toBeGreaterThan(1);
    expect(descend('mean', starts[2]!, 30_000)[1]).toBeGreaterThan(1);
    expectMiddle(descend('mean', starts[1]!, 30_000));
  });

  it.each(['mgda', 'pcgrad'])('%s reaches the Pareto set', (method) => {
    for (const start of starts) expectPareto(descend(method, start, 60_000));
  });

  it.each([
    ['cagrad', 80_000],
    ['imtl-g', 100_000],
  ] as const)('%s reaches the minimum of the mean loss', (method, steps) => {
    for (const start of starts) expectMiddle(descend(method, start, steps));
  });

  it('nash-mtl reaches the Pareto set, at one place whatever the scale of the first loss', () => {
    const end = (scale: number) => descend('nash-mtl', starts[0]!, 20_000, { scale, options: { maxNorm: 0 } });
    const [plain, scaled] = [end(1), end(0.1)];
    expectPareto(plain);
    expect(Math.hypot(plain[0] - scaled[0], plain[1] - scaled[1])).toBeLessThan(0.05);
  });
});

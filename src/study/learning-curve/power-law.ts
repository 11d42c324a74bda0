/** The error that some number of training examples led to, one value a seed. */
export interface MeasuredSize {
  readonly examples: number;
  readonly errors: readonly number[];
}

/** Sizes with their mean errors. */
export type Points = readonly { readonly examples: number; readonly error: number }[];

/** error(n) = scale · n^−exponent + floor. */
export interface PowerLaw {
  readonly scale: number;
  readonly exponent: number;
  readonly floor: number;
}

/** Exponents that are tried: below the first a curve cannot be told from a flat one over the sizes that anybody has. */
const [LEAST, MOST, TRIED] = [0.02, 3, 60];
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export const errorAt = ({ scale, exponent, floor }: PowerLaw, examples: number): number =>
  scale * examples ** -exponent + floor;

/** Computes how many examples lead to an error: Infinity for one that the floor or a flat curve keeps from. */
export function examplesFor({ scale, exponent, floor }: PowerLaw, error: number): number {
  if (error <= floor || scale === 0) return error > floor ? 0 : Number.POSITIVE_INFINITY;
  return (scale / (error - floor)) ** (1 / exponent);
}

/**
 * Fits a power law with a floor (Hestness et al. 2017, "Deep learning scaling is predictable, empirically", equation 1) to mean errors by
 * least squares of their relative deviations, since the noise of an error shrinks with it. `scale` and `floor` are at least 0. For each
 * exponent the best of these two is known in closed form, and the exponent is found by search.
 * @param points at least three sizes, their mean errors > 0.
 * @param withFloor false for a curve that goes on to 0.
 */
export function fitPowerLaw(points: Points, withFloor = true): PowerLaw {
  const at = (logarithm: number) => atExponent(points, Math.exp(logarithm), withFloor);
  const [first, step] = [Math.log(LEAST), Math.log(MOST / LEAST) / (TRIED - 1)];
  let best = 0;
  for (let i = 1; i < TRIED; i++) if (at(first + i * step).loss < at(first + best * step).loss) best = i;
  let [low, high] = [first + Math.max(0, best - 1) * step, first + Math.min(TRIED - 1, best + 1) * step];
  for (let i = 0; i < 30; i++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (at(left).loss <= at(right).loss) high = right;
    else low = left;
  }
  return at((low + high) / 2).law;
}

/** Sums the squares of the relative deviations of errors from a curve. */
export const misfit = (law: PowerLaw, points: Points): number =>
  points.reduce((sum, { examples, error }) => sum + (errorAt(law, examples) / error - 1) ** 2, 0);

/** The best scale and floor of one exponent: two unknowns of a linear least-squares problem, neither below 0. */
function atExponent(
  points: Points,
  exponent: number,
  withFloor: boolean,
): { readonly law: PowerLaw; readonly loss: number } {
  // Each row divided by its error: scale · x + floor · y = 1.
  let [xx, xy, yy, x1, y1] = [0, 0, 0, 0, 0];
  for (const { examples, error } of points) {
    const [x, y] = [examples ** -exponent / error, 1 / error];
    xx += x * x;
    xy += x * y;
    yy += y * y;
    x1 += x;
    y1 += y;
  }
  const determinant = xx * yy - xy * xy;
  const free = { scale: (x1 * yy - y1 * xy) / determinant, floor: (y1 * xx - x1 * xy) / determinant };
  const edges = [
    { scale: x1 / xx, floor: 0 },
    { scale: 0, floor: y1 / yy },
  ];
  const inside = determinant > 0 && free.scale >= 0 && free.floor >= 0;
  const candidates = !withFloor ? edges.slice(0, 1) : inside ? [free] : edges;
  return candidates
    .map((candidate) => {
      const law = { ...candidate, exponent };
      return { law, loss: misfit(law, points) };
    })
    .reduce((a, b) => (b.loss < a.loss ? b : a));
}

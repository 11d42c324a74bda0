/** A function's value and gradient at a point. */
export interface Slope {
  readonly value: number;
  readonly gradient: Float32Array;
}

const MEMORY = 5;
const HALVINGS = 30;
/** Of the decrease that the slope promises, at least this part (Armijo). */
const ENOUGH = 1e-4;

/**
 * The least of a convex, smooth function by L-BFGS (Liu and Nocedal 1989, algorithm 2.1), with steps that are halved until they
 * decrease it enough. `scale`: about the inverse of the function's curvature along each axis. Ends where no part of the
 * gradient is larger than `tolerance`, after `iterations`, or where float32 can tell no further decrease.
 */
export function minimise(
  slopeAt: (point: Float32Array) => Slope,
  start: Float32Array,
  options: { readonly iterations: number; readonly tolerance: number; readonly scale: Float32Array },
): Float32Array {
  let point = start;
  let slope = slopeAt(point);
  const pairs: { readonly moved: Float32Array; readonly turned: Float32Array; readonly product: number }[] = [];
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    if (slope.gradient.every((part) => Math.abs(part) <= options.tolerance)) break;
    const direction = twoLoops(slope.gradient, pairs, options.scale);
    const descent = dot(direction, slope.gradient);
    let size = 1;
    let next: Slope | undefined;
    let reached = point;
    for (let halving = 0; next === undefined && halving < HALVINGS; halving++, size /= 2) {
      reached = point.map((x, i) => x + size * direction[i]!);
      const there = slopeAt(reached);
      if (there.value <= slope.value + ENOUGH * size * descent) next = there;
    }
    if (next === undefined) break;
    const [from, { gradient }] = [point, slope];
    const moved = reached.map((x, i) => x - from[i]!);
    const turned = next.gradient.map((g, i) => g - gradient[i]!);
    const product = dot(moved, turned);
    if (product > 0) pairs.push({ moved, turned, product });
    if (pairs.length > MEMORY) pairs.shift();
    [point, slope] = [reached, next];
  }
  return point;
}

/** The direction of descent: the gradient times the inverse Hessian that the last steps show (Nocedal 1980). */
function twoLoops(
  gradient: Float32Array,
  pairs: readonly { readonly moved: Float32Array; readonly turned: Float32Array; readonly product: number }[],
  scale: Float32Array,
): Float32Array {
  const direction = gradient.map((part) => -part);
  const parts: number[] = [];
  for (const { moved, turned, product } of [...pairs].reverse()) {
    const part = dot(moved, direction) / product;
    parts.unshift(part);
    add(direction, turned, -part);
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    let sum = 0;
    for (let i = 0; i < direction.length; i++) sum += last.turned[i]! ** 2 * scale[i]!;
    const factor = last.product / sum;
    for (let i = 0; i < direction.length; i++) direction[i]! *= factor * scale[i]!;
  } else {
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale[i]!;
  }
  for (const [i, { moved, turned, product }] of pairs.entries()) {
    add(direction, moved, parts[i]! - dot(turned, direction) / product);
  }
  return direction;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(to: Float32Array, values: Float32Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * values[i]!;
}

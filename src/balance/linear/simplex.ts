/** Finds the nearest point with numbers >= 0 and sum 1 (Held, Wolfe and Crowder 1974). */
export function toSimplex(point: Float64Array): Float64Array {
  const falling = Float64Array.from(point).sort().reverse();
  let sum = 0;
  let excess = 0;
  for (let i = 0; i < falling.length; i++) {
    sum += falling[i]!;
    const shared = (sum - 1) / (i + 1);
    if (falling[i]! <= shared) break;
    excess = shared;
  }
  const positive = point.map((value) => Math.max(0, value - excess));
  const total = positive.reduce((all, value) => all + value, 0);
  return positive.map((value) => value / total);
}

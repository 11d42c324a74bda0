/**
 * Says of each point whether it is on the Pareto front: whether no other point dominates it, which would be at least as good in each
 * number and better in one. In each number more is better.
 */
export function paretoFront(points: readonly (readonly number[])[]): readonly boolean[] {
  const dominates = (a: readonly number[], b: readonly number[]) =>
    a.every((value, i) => value >= b[i]!) && a.some((value, i) => value > b[i]!);
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

/**
 * Which points no other one dominates: is at least as good in each number and better in one. Each number is one of which
 * more is better.
 */
export function paretoFront(points: readonly (readonly number[])[]): readonly boolean[] {
  const dominates = (a: readonly number[], b: readonly number[]) =>
    a.every((value, i) => value >= b[i]!) && a.some((value, i) => value > b[i]!);
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

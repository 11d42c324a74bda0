/** Says a figure for people: four digits that count, and all before the point of a larger one. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  if (size >= 1e5) return count(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

export const count = (value: number): string => value.toLocaleString('en');

export const percent = (share: number): string => `${Math.round(100 * share)}\u00a0%`;

/** Says a span of time by its two largest units. */
export function span(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Says a duration for people: `0.8 s`, `42 s`, `3:07`, `1:02:09`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** Says a time per step: `412 ms`, `8.3 ms`, `2.1 s`. */
export function formatPace(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return milliseconds >= 10 ? `${Math.round(milliseconds)} ms` : `${milliseconds.toFixed(1)} ms`;
}

/**
 * A loss or metric: three digits after the point, none of a large one, or two significant ones where that would show nothing; a dash for none.
 * JSON writes a number that is none as null, so null is a dash too.
 */
export function formatFigure(value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (size >= 1e9 || (size > 0 && size < 0.001)) return value.toExponential(1);
  if (size >= 10_000) return `${value < 0 ? '-' : ''}${formatCount(Math.round(size))}`;
  return value.toFixed(size >= 100 ? 1 : 3);
}

/** Says a cosine with two digits, and always a sign: `+0.12`, `−0.31`. */
export function formatCosine(value: number): string {
  const digits = Math.abs(value).toFixed(2);
  if (digits === '0.00') return digits;
  return `${value < 0 ? '−' : '+'}${digits}`;
}

/** Keeps what stands on both sides of it on one line. */
const NO_BREAK = '\u00a0';

/** Says a whole number with thousands apart: `12 345`. No line breaks within it. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  return String(value).replace(/\B(?=(\d{3})+$)/g, NO_BREAK);
}

const MOST = 60;

/** Writes a value as an error shows it, in at most some 60 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return 'a function';
  if (isPromise(value)) return 'a promise';
  const text = isNumbers(value) ? `[${Array.from(value.slice(0, MOST)).join(',')}]` : written(value);
  return text.length <= MOST ? text : `${text.slice(0, MOST)}…`;
}

/** Writes a number of bytes for people: `734 MB`, `1.5 GB`. */
export function showBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  const power = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log10(bytes || 1) / 3)));
  const amount = bytes / 1000 ** power;
  return `${amount < 10 && power > 0 ? Number(amount.toFixed(1)) : Math.round(amount)} ${units[power]}`;
}

/** Says whether a value has to be awaited. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';

// JSON has no word for those that are not finite, and writes a typed array as a record.
const isNumbers = (value: unknown): value is number[] =>
  ArrayBuffer.isView(value)
    ? !(value instanceof DataView)
    : Array.isArray(value) && value.every((number) => typeof number === 'number');

function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // It holds itself, or a bigint.
    return Array.isArray(value)
      ? `a list of ${value.length}`
      : `a record with ${Object.keys(value as object).join(', ')}`;
  }
}

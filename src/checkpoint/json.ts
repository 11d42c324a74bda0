import { randomUUID } from 'node:crypto';

/**
 * JSON on several lines that keeps infinities: JSON has no word for them, but numbers of any size, and one too large for a float64
 * (`1e999`) is read back as infinity. What is not a number becomes null, as always in JSON.
 */
export function jsonText(data: unknown): string {
  const mark = randomUUID();
  const text = JSON.stringify(
    data,
    (_key, value: unknown) => {
      if (value === Number.POSITIVE_INFINITY) return `${mark} 1e999`;
      if (value === Number.NEGATIVE_INFINITY) return `${mark} -1e999`;
      return value;
    },
    2,
  );
  return `${text.replaceAll(new RegExp(`"${mark} (-?1e999)"`, 'g'), '$1')}\n`;
}

/** Whether data is nested deeper than so many lists and records; not by recursion, which has a limit of its own. */
export function isDeeperThan(levels: number, data: unknown): boolean {
  let layer = [data];
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > levels) return true;
    layer = layer
      .filter((part) => typeof part === 'object' && part !== null)
      .flatMap((part) => Object.values(part as object));
  }
  return false;
}

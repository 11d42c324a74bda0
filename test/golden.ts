import { readFileSync } from 'node:fs';

/** Reference values from outside the project (PyTorch, scikit-learn, librosa), in `golden/`; each file's `meta` says whose. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** Largest `|actual - expected| / (atol + rtol |expected|)` over all numbers: at most 1 where all agree. */
export function disagreement(actual: ArrayLike<number>, expected: unknown, rtol: number, atol: number): number {
  const wanted = [expected].flat(Number.POSITIVE_INFINITY) as number[];
  if (actual.length !== wanted.length) return Number.POSITIVE_INFINITY;
  return wanted.reduce((worst, value, i) => {
    const ratio = Math.abs(actual[i]! - value) / (atol + rtol * Math.abs(value));
    return Math.max(worst, ratio);
  }, 0);
}

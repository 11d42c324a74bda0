import { rateText } from '../../report/index.ts';
import type { SessionRates } from '../../study/run/find-rate.ts';

/** Says what a learning-rate range test found, to people or to programs. */
export function rateResult({ curve, page }: SessionRates, json: boolean): string {
  if (json) return JSON.stringify({ kind: 'rates', page, ...curve });
  return `${rateText(curve, Math.min(100, process.stdout.columns ?? 80))}\n\nThe curves of all tasks: ${page}`;
}

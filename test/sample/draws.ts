// Many draws of a sampler, and what is to be expected of them.
import { RandomStream } from '../../src/plugin.ts';
import type { SampledTask, Sampler, SamplerState } from '../../src/sample/index.ts';

/** Tasks of these sizes. */
export const tasksOf = (sizes: readonly number[]): SampledTask[] =>
  sizes.map((examples, k) => ({ name: 'abcdefgh'[k]!, examples, metric: 'accuracy', higherIsBetter: true }));

export const begin = (sampler: Sampler, sizes: readonly number[], steps = 1000): SamplerState =>
  sampler.begin({ tasks: tasksOf(sizes), steps });

/** Draws for one step, again and again, and counts the sets that come. */
export function countDraws(
  state: SamplerState,
  count: number,
  { step = 1, active, tasks, seed = 1 }: { step?: number; active?: readonly number[]; tasks: number; seed?: number },
): ReadonlyMap<string, number> {
  const all = active ?? Array.from({ length: tasks }, (_, k) => k);
  const counts = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const drawn = String(state.draw({ step, active: all, random: new RandomStream(seed, `draw ${i}`) }));
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  return counts;
}

/** Pearson's chi-square of counts against probabilities; none may come that has the probability 0. */
export function chiSquare(counts: ReadonlyMap<string, number>, expected: Readonly<Record<string, number>>): number {
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  for (const set of counts.keys()) if (!(expected[set]! > 0)) throw new Error(`${set} was drawn`);
  return Object.entries(expected).reduce((sum, [set, probability]) => {
    const wanted = probability * total;
    return sum + ((counts.get(set) ?? 0) - wanted) ** 2 / wanted;
  }, 0);
}

/** The 0.999 quantiles of the chi-square distribution, by degrees of freedom (R: qchisq(0.999, df)). */
export const CRITICAL: Readonly<Record<number, number>> = { 1: 10.828, 2: 13.816, 3: 16.266, 5: 20.515 };

import type { DrawRequest, SamplerState } from './sampler.ts';

/**
 * Draws `count` of the active tasks without putting any back, each in turn as likely as its weight says among those that are left. All
 * at once that is: those whose logarithm of the weight, plus standard Gumbel noise, is largest (Kool et al. 2019, "Stochastic Beams and
 * Where to Find Them", section 2). A weight of 0 is not drawn, so fewer may be; where all weights are 0, each is as likely.
 * @param weights by position, of all tasks; they need not sum to 1.
 */
export function drawByWeights(
  weights: ArrayLike<number>,
  count: number,
  { active, random }: Pick<DrawRequest, 'active' | 'random'>,
): readonly number[] {
  // Of all tasks, so that the noise of one does not depend on which others are active. The argument is never 0 or 1.
  const noise = Array.from({ length: weights.length }, () => -Math.log(-Math.log((random.word() + 0.5) / 2 ** 32)));
  const weighty = active.filter((k) => weights[k]! > 0);
  const scores = weighty.map((k) => [k, Math.log(weights[k]!) + noise[k]!] as const);
  const drawn = scores.length > 0 ? scores : active.map((k) => [k, noise[k]!] as const);
  return drawn
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([k]) => k)
    .sort((a, b) => a - b);
}

/** Counts the sets of `count` out of so many tasks. */
export function countSets(tasks: number, count: number): number {
  let sets = 1;
  for (let i = 0; i < count; i++) sets = (sets * (tasks - i)) / (i + 1);
  return Math.round(sets);
}

/** Makes what draws `count` of so many tasks by weights that are known for each step. */
export const drawing = (
  tasks: number,
  count: number,
  weightsAt: (step: number) => ArrayLike<number>,
): Pick<SamplerState, 'sets' | 'draw'> => ({
  sets: countSets(tasks, count),
  draw: (request) => drawByWeights(weightsAt(request.step), count, request),
});

import type { RandomStream } from '../../random/index.ts';

/** Gives the same values in an order that is drawn (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: RandomStream): readonly T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

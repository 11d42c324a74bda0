import type { BuiltColumn } from './built.ts';

/**
 * Lists the earlier columns that come into a column, directly or through others, and how many of their blocks have to be
 * computed for it, in ascending order.
 */
export function columnsInto(
  columns: readonly Pick<BuiltColumn, 'plan'>[],
  column: number,
): readonly (readonly [column: number, blocks: number])[] {
  const counts = new Map<number, number>();
  for (let index = column; index > 0; index--) {
    const upTo = index === column ? Infinity : (counts.get(index) ?? 0);
    for (const [block, inputs] of columns[index]!.plan.inputs.entries()) {
      if (block >= upTo) break;
      for (const { column: from } of inputs) counts.set(from, Math.max(counts.get(from) ?? 0, block));
    }
  }
  return [...counts].sort(([a], [b]) => a - b);
}

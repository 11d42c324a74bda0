/** Says in words how many graphs a run was compiled to: each step, evaluation and prediction has one for each shape of its batch. */
export function graphsNote(graphs: readonly { readonly kind: string }[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of graphs) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const each = [...counts]
    .sort(([one], [other]) => (one < other ? 1 : -1))
    .map(([kind, count]) => `${count} to ${kind}`);
  return `Graphs that were compiled, one for each shape of a batch: ${each.join(', ')}`;
}

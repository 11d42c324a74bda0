/** The loss may be so large in the last steps that nothing else could be seen. */
const LAST = 5;

/** Gives the losses between which a curve is drawn; what is above them is drawn at the edge. */
export function boundsOf(losses: readonly number[]): { readonly least: number; readonly most: number } {
  const shown = losses.length > 2 * LAST ? losses.slice(0, -LAST) : losses;
  const finite = shown.filter(Number.isFinite);
  const least = finite.reduce((a, b) => Math.min(a, b), finite[0] ?? 0);
  const most = finite.reduce((a, b) => Math.max(a, b), finite[0] ?? 0);
  return { least, most: most > least ? most : least + (Math.abs(least) || 1) };
}

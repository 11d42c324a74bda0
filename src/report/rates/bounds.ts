/** Losses of this many times the lowest are still drawn, whatever the first was. */
const HIGHEST = 4;

/** Gives the losses between which a curve is drawn: those at its end may be so large that nothing else could be seen. */
export function boundsOf(losses: readonly number[]): { readonly least: number; readonly most: number } {
  const finite = losses.filter(Number.isFinite);
  const first = finite[0] ?? 0;
  const least = finite.reduce((a, b) => Math.min(a, b), first);
  const greatest = finite.reduce((a, b) => Math.max(a, b), first);
  const most = Math.min(greatest, Math.max(HIGHEST * least, 2 * first - least));
  return { least, most: most > least ? most : least + (Math.abs(least) || 1) };
}

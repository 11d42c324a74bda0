/** Red speaks for an outcome and blue against it (the ends of ColorBrewer's RdBu, which the colour-blind tell apart). */
const [FOR, AGAINST] = [
  [178, 24, 43],
  [33, 102, 172],
] as const;

/** The colour of a value from -1 to 1 at full strength. */
export const hueOf = (share: number): readonly [number, number, number] => (share < 0 ? AGAINST : FOR);

/** CSS of a value from -1 to 1: the stronger, the less of what lies beneath is seen. */
export const cssOf = (share: number, most = 0.85): string => {
  const [red, green, blue] = hueOf(share);
  return `rgba(${red}, ${green}, ${blue}, ${(most * Math.min(1, Math.abs(share))).toFixed(3)})`;
};

/** The size that is drawn at full strength: the largest, but of many values that which one in a hundred exceeds. */
export function strongest(values: Float64Array): number {
  const sizes = values.map(Math.abs).sort();
  return sizes[Math.max(0, Math.ceil(0.99 * sizes.length) - 1)] || sizes.at(-1) || 1;
}

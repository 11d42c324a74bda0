const BUCKETS = 4;

/** The lengths to which batches of texts are padded: the quarters of the largest, rounded up. */
export function lengthsUpTo(length: number): readonly number[] {
  const quarters = Array.from({ length: BUCKETS }, (_, i) => Math.ceil((length * (i + 1)) / BUCKETS));
  return [...new Set(quarters)];
}

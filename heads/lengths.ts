const BUCKETS = 4;

/** The lengths to which batches of texts or recordings are padded: the quarters of the largest, each rounded up to whole steps. */
export function lengthsUpTo(length: number, step = 1): readonly number[] {
  const steps = Math.ceil(length / step);
  const quarters = Array.from({ length: BUCKETS }, (_, i) => Math.ceil((steps * (i + 1)) / BUCKETS) * step);
  return [...new Set(quarters)];
}

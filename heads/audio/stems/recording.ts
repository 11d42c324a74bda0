import { BanyanError } from 'banyan-ml';

/** Keeps silence from being divided by 0. */
export const QUIET = 1e-6;

/**
 * Divides a recording by its peak, and cuts or pads it to `length` samples.
 * @throws BanyanError `data` for one without samples, or with one that is not finite.
 */
export function normalised(raw: Float32Array, length: number, task: string): Float32Array {
  let peak = 0;
  for (const sample of raw) peak = Math.max(peak, Math.abs(sample));
  if (raw.length === 0 || !Number.isFinite(peak)) {
    const received = raw.length === 0 ? 'none' : 'one that is not finite';
    throw new BanyanError(
      'data',
      `Task "${task}": a recording must have samples, all of them finite, received ${received}. Correct or leave out this recording.`,
    );
  }
  const out = new Float32Array(length);
  const count = Math.min(raw.length, length);
  for (let i = 0; i < count; i++) out[i] = raw[i]! / (peak + QUIET);
  return out;
}

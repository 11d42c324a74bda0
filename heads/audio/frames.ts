import { BanyanError } from 'banyan-ml';

/** A deviation is at least so large a part of the largest number: what is constant is not divided by what rounding left. */
const CONSTANT = 1e-6;

/** Settings of `framesStem` by which recordings become numbers. */
export interface FramesSettings {
  /** A frame has so many numbers. */
  readonly numbers: number;
  /** So many frames are read. */
  readonly length: number;
}

/**
 * Gives the frames of a recording that are read.
 * @throws BanyanError `data` for a recording without frames, with a part of one, or with a number that is not finite.
 */
export function readFrames(raw: Float32Array, { numbers, length }: FramesSettings, task: string): Float32Array {
  const wrong =
    raw.length === 0 || raw.length % numbers !== 0
      ? `${raw.length} numbers`
      : raw.every(Number.isFinite)
        ? undefined
        : 'one that is not finite';
  if (wrong === undefined) return raw.subarray(0, length * numbers);
  throw new BanyanError(
    'data',
    `Task "${task}": a recording must have frames of ${numbers} finite numbers each, received ${wrong}. Correct or leave out this recording, or correct "numbers" of framesStem.`,
  );
}

/** Mean and deviation of each number over the frames. */
export function moments(
  frames: Float32Array,
  numbers: number,
): readonly { readonly mean: number; readonly deviation: number }[] {
  const count = frames.length / numbers;
  return Array.from({ length: numbers }, (_, n) => {
    let [mean, squares] = [0, 0];
    for (let at = n; at < frames.length; at += numbers) mean += frames[at]! / count;
    for (let at = n; at < frames.length; at += numbers) squares += (frames[at]! - mean) ** 2 / count;
    return { mean, deviation: Math.sqrt(squares) };
  });
}

/** Each number minus its mean over the frames, by its deviation; 0 where it does not vary. */
export function standardised(frames: Float32Array, numbers: number): Float32Array {
  const each = moments(frames, numbers);
  return frames.map((value, i) => {
    const { mean, deviation } = each[i % numbers]!;
    return deviation > CONSTANT * Math.abs(mean) ? (value - mean) / deviation : 0;
  });
}

/** Frames with a 1 after the numbers of each. */
export function marked(frames: Float32Array, numbers: number): Float32Array {
  const count = frames.length / numbers;
  const rows = new Float32Array(count * (numbers + 1)).fill(1);
  for (let i = 0; i < count; i++) rows.set(frames.subarray(i * numbers, (i + 1) * numbers), i * (numbers + 1));
  return rows;
}

import { BanyanError } from '../error.ts';

/** The filter reaches so many zeros of the sinc to either side, and is weighted by a Kaiser window with this beta: as SciPy's `resample_poly`. */
const ZEROS = 10;
const BETA = 5;
/** The highest rate, in samples a second: the filter has some twenty times as many numbers as the larger part of the ratio. */
const MOST_RATE = 1_000_000;
/** Filters that are kept, for ratios that come again. */
const MOST_FILTERS = 4;

/**
 * Gives a sound at another rate, in samples a second: low-pass filtered by a windowed sinc below half of the lower rate, so that nothing
 * is mirrored (a polyphase filter, Crochiere and Rabiner 1983, chapter 3; the filter of SciPy's `resample_poly`). Silence is taken to
 * lie before and after it. The result has `samples.length * to / from` samples, rounded up.
 * @throws BanyanError `argument` for rates that are no whole numbers from 1 to a million.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  for (const rate of [from, to]) {
    if (Number.isInteger(rate) && rate >= 1 && rate <= MOST_RATE) continue;
    throw new BanyanError(
      'argument',
      `resample: expected rates as whole numbers from 1 to ${MOST_RATE} samples a second, received ${rate}. Give such rates.`,
    );
  }
  if (from === to) return samples.slice();
  const factor = divisor(from, to);
  const [up, down] = [to / factor, from / factor];
  const filter = filterFor(up, down);
  const half = (filter.length - 1) / 2;
  const out = new Float32Array(Math.ceil((samples.length * up) / down));
  for (let n = 0; n < out.length; n++) {
    // In steps of a rate that is a multiple of both.
    const centre = n * down;
    const first = Math.max(0, Math.ceil((centre - half) / up));
    const last = Math.min(samples.length - 1, Math.floor((centre + half) / up));
    let sum = 0;
    for (let k = first; k <= last; k++) sum += samples[k]! * filter[centre - k * up + half]!;
    out[n] = sum;
  }
  return out;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

const filters = new Map<string, Float64Array>();

function filterFor(up: number, down: number): Float64Array {
  const key = `${up}/${down}`;
  const found = filters.get(key);
  if (found !== undefined) return found;
  if (filters.size >= MOST_FILTERS) filters.delete(filters.keys().next().value!);
  const filter = lowPass(up, Math.max(up, down));
  filters.set(key, filter);
  return filter;
}

/** Passes what is below half of the lower rate: `rate` is the larger part of the ratio, `gain` what a constant is multiplied by. */
function lowPass(gain: number, rate: number): Float64Array {
  const half = ZEROS * rate;
  const filter = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = (i - half) / rate;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * besselI0(BETA * Math.sqrt(1 - (x / ZEROS) ** 2));
  });
  const sum = filter.reduce((a, b) => a + b, 0);
  return filter.map((value) => (gain * value) / sum);
}

/** The modified Bessel function of the first kind and order 0, by its power series (Abramowitz and Stegun, 9.6.10). */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

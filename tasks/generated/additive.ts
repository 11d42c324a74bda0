import type { RandomStream } from 'banyan-ml/data';

// Additive synthesis: a sound is the sum of its partials, each a sine that dies away.

/** Samples a second of all generated sounds. */
export const sampleRate = 8000;
/** Samples until a sound is at full loudness. */
const attack = 80;

/** A partial: frequency as a multiple of the pitch, loudness, and how fast it dies, per second. */
export type Overtone = readonly [ratio: number, loudness: number, decay: number];

export const harmonics = (numbers: readonly number[], decay: (n: number) => number): Overtone[] =>
  numbers.map((n) => [n, 1 / n, decay(n)]);

export interface Tone {
  /** Hertz. */
  readonly pitch: number;
  readonly loudness: number;
  /** Seconds. */
  readonly start: number;
}

/** Adds a tone to the samples, until their end; every partial of random phase. */
export function addTone(
  samples: Float32Array,
  partials: readonly Overtone[],
  { pitch, loudness, start }: Tone,
  random: RandomStream,
): void {
  for (const [ratio, strength, decay] of partials) {
    const phase = 2 * Math.PI * random.uniform();
    const frequency = pitch * ratio;
    // What lies above half the sample rate would fold back.
    if (frequency >= sampleRate / 2) continue;
    addPartial(samples, { frequency, phase, decay, loudness: loudness * strength, start });
  }
}

interface Wave {
  readonly frequency: number;
  readonly phase: number;
  readonly decay: number;
  readonly loudness: number;
  /** Seconds. */
  readonly start: number;
}

/** Adds a decaying sine by turning a pointer a little each sample, without a sine and an exponential for each. */
function addPartial(samples: Float32Array, { frequency, phase, decay, loudness, start }: Wave): void {
  const fade = Math.exp(-decay / sampleRate);
  const angle = (2 * Math.PI * frequency) / sampleRate;
  const [turnX, turnY] = [fade * Math.cos(angle), fade * Math.sin(angle)];
  let [x, y] = [loudness * Math.cos(phase), loudness * Math.sin(phase)];
  const first = Math.ceil(start * sampleRate);
  for (let i = first; i < samples.length; i++) {
    samples[i] = samples[i]! + y * Math.min(1, (i - first) / attack);
    [x, y] = [x * turnX - y * turnY, x * turnY + y * turnX];
  }
}

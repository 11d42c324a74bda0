import { defineTask } from 'banyan-ml';
import { generatedSource, type RandomStream } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';

const sampleRate = 8000;
const seconds = 0.5;
/** Samples until a note is at full loudness. */
const attack = 80;

/** A partial: frequency as a multiple of the pitch, loudness, and how fast it dies, per second. */
type Overtone = readonly [ratio: number, loudness: number, decay: number];

const harmonics = (numbers: readonly number[], decay: (n: number) => number): Overtone[] =>
  numbers.map((n) => [n, 1 / n, decay(n)]);

/** Timbres, in the manner of additive synthesis: each is its partials. */
const timbres: Readonly<Record<string, readonly Overtone[]>> = {
  flute: [
    [1, 1, 0],
    [2, 0.1, 0],
  ],
  reed: harmonics([1, 3, 5, 7, 9], () => 0),
  bow: harmonics([1, 2, 3, 4, 5, 6, 7, 8], () => 0),
  string: harmonics([1, 2, 3, 4, 5, 6, 7, 8], (n) => 5 + 1.5 * n),
  bell: [
    [1, 1, 4],
    [2.76, 0.8, 6],
    [5.4, 0.5, 9],
  ],
};
const classes = Object.keys(timbres);

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

/** Half a second, 8 kHz; pitch between 130 and 520 Hz, every partial of random phase. */
function play(partials: readonly Overtone[], random: RandomStream): Float32Array {
  const samples = new Float32Array(sampleRate * seconds);
  const pitch = 130 * 4 ** random.uniform();
  const loudness = 0.2 + 0.3 * random.uniform();
  const start = 0.1 * seconds * random.uniform();
  const noise = loudness * 0.03;
  for (const [ratio, strength, decay] of partials) {
    const phase = 2 * Math.PI * random.uniform();
    const frequency = pitch * ratio;
    // What lies above half the sample rate would fold back.
    if (frequency >= sampleRate / 2) continue;
    addPartial(samples, { frequency, phase, decay, loudness: loudness * strength, start });
  }
  return samples.map((sample) => sample + noise * (2 * random.uniform() - 1));
}

export const notesSource = generatedSource({
  name: 'notes',
  description: 'Generated notes of random pitch, phase, loudness and start, with noise, 8 kHz, 5 timbres',
  counts: { training: 4000, validation: 500, test: 1000 },
  make: (random) => {
    const target = random.integer(classes.length);
    return { input: play(timbres[classes[target]!]!, random), target };
  },
});

/** Which timbre a generated note has, whatever its pitch. */
export const notes = defineTask({
  name: 'notes',
  stem: audio.spectrogramStem({
    sampleRate,
    seconds,
    window: 200,
    hop: 100,
    fft: 256,
    mels: 40,
    fMin: 60,
    fMax: 4000,
    floor: 1e-4,
    // Of the log-mel values of 1,000 training notes.
    mean: -1.2,
    deviation: 3.37,
  }),
  head: audio.classifier({ classes }),
  source: notesSource,
});

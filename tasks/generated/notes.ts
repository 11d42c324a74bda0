import { defineTask } from 'banyan-ml';
import { generatedSource, type RandomStream } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';
import { addTone, harmonics, type Overtone, sampleRate } from './additive.ts';

const seconds = 0.5;

/** Each timbre is its partials. */
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

/** Half a second, 8 kHz; pitch between 130 and 520 Hz, every partial of random phase. */
function play(partials: readonly Overtone[], random: RandomStream): Float32Array {
  const samples = new Float32Array(sampleRate * seconds);
  const pitch = 130 * 4 ** random.uniform();
  const loudness = 0.2 + 0.3 * random.uniform();
  const start = 0.1 * seconds * random.uniform();
  const noise = loudness * 0.03;
  addTone(samples, partials, { pitch, loudness, start }, random);
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

import { defineTask } from 'banyan-ml';
import * as audio from 'banyan-ml/heads/audio';
import { labelledSounds, whole } from './labelled-sounds.ts';

const sampleRate = 16000;
// In the order of their first appearance in labels.csv: the split rule counts on it.
const classes: readonly string[] = [
  'acoustic_grand_piano',
  'church_organ',
  'accordion',
  'harpsichord',
  'acoustic_guitar_nylon',
  'banjo',
  'orchestral_harp',
  'acoustic_bass',
  'violin',
  'cello',
  'trumpet',
  'trombone',
  'flute',
  'clarinet',
  'oboe',
  'alto_sax',
];

/** Which of sixteen instruments plays a note. */
export const instruments = defineTask({
  name: 'instruments',
  stem: audio.spectrogramStem({
    sampleRate,
    seconds: 1,
    window: 400,
    hop: 160,
    fft: 512,
    mels: 64,
    fMin: 60,
    fMax: 8000,
    floor: 1e-4,
    // Of the log-mel values over the set's 628 training clips.
    mean: -2.8836,
    deviation: 5.2557,
    augment: [audio.maskTime({ frames: 12 }), audio.maskMels({ mels: 6 })],
  }),
  head: audio.classifier({ classes }),
  source: labelledSounds({
    folder: 'audio/gm-notes',
    licence: 'CC BY 3.0 (inferred)',
    description: 'Notes of sixteen instruments of the FluidR3 sound font, 16 kHz, 16 classes',
    sampleRate,
    classes,
    label: 'instrument',
    columns: ['midi'],
    // The set's own rule for the test: (midi + instrument) mod 5 = 0. Of the rest, one residue mod 10 validates.
    split: ({ instrument, midi }) => {
      const note = whole(midi);
      if (note === undefined) return undefined;
      const turn = note + classes.indexOf(instrument);
      return turn % 5 === 0 ? 'test' : turn % 10 === 1 ? 'validation' : 'training';
    },
  }),
});

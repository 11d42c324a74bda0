import { defineTask } from 'banyan-ml';
import * as audio from 'banyan-ml/heads/audio';
import { labelledSounds, whole } from './labelled-sounds.ts';

const sampleRate = 8000;

/** Free Spoken Digit Dataset: which digit one of six speakers says. */
export const spokenDigits = defineTask({
  name: 'spoken-digits',
  stem: audio.spectrogramStem({
    sampleRate,
    seconds: 1,
    window: 200,
    hop: 80,
    fft: 256,
    mels: 40,
    fMin: 60,
    fMax: 4000,
    floor: 1e-4,
    // Of the log-mel values over the set's 2,700 training recordings.
    mean: -6.2335,
    deviation: 4.1718,
    augment: [audio.timeShift({ frames: 15 }), audio.maskTime({ frames: 12 }), audio.maskMels({ mels: 6 })],
  }),
  head: audio.classifier({ classes: 10 }),
  source: labelledSounds({
    folder: 'audio/fsdd',
    licence: 'CC BY-SA 4.0',
    description: 'Free Spoken Digit Dataset: English digits by six speakers, 8 kHz, 10 classes (Jackson et al.)',
    sampleRate,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    label: 'digit',
    columns: ['index'],
    // The set's own rule: recordings 0 to 4 of each speaker and digit are the test. Of the other 45, every tenth
    // validates: five of each speaker and digit, spread over the recording session.
    split: ({ index }) => {
      const recording = whole(index);
      if (recording === undefined) return undefined;
      return recording < 5 ? 'test' : recording % 10 === 9 ? 'validation' : 'training';
    },
  }),
});

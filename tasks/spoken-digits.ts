import { defineTask } from 'banyan-ml';
import * as audio from 'banyan-ml/heads/audio';
import { DIGITS, hearing, splitOfRecording } from './digit-recordings.ts';
import { labelledSounds, whole } from './labelled-sounds.ts';

/** Free Spoken Digit Dataset: which digit one of six speakers says. */
export const spokenDigits = defineTask({
  name: 'spoken-digits',
  stem: audio.spectrogramStem({
    ...hearing,
    seconds: 1,
    augment: [audio.timeShift({ frames: 15 }), audio.maskTime({ frames: 12 }), audio.maskMels({ mels: 6 })],
  }),
  head: audio.classifier({ classes: 10 }),
  source: labelledSounds({
    folder: DIGITS,
    licence: 'CC BY-SA 4.0',
    description: 'Free Spoken Digit Dataset: English digits by six speakers, 8 kHz, 10 classes (Jackson et al.)',
    sampleRate: hearing.sampleRate,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    label: 'digit',
    columns: ['index'],
    split: ({ index }) => {
      const recording = whole(index);
      if (recording === undefined) return undefined;
      return splitOfRecording(recording);
    },
  }),
});

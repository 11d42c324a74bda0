import { readSound } from 'banyan-ml/data';
import type { InputField, Kind, KindData } from 'banyan-ml/plugin';
import { cellPath, count, listOf, optionsOf, positive } from 'banyan-ml/plugin';
import { MISSING, optional } from '../../optional.ts';
import { soundAugmentationKinds } from '../augment/kinds.ts';
import { spectrogramStem } from '../stems/spectrogram.ts';

interface SoundOptions {
  readonly sampleRate: number;
  readonly seconds: number;
  readonly mels: number;
  readonly augment: readonly KindData[];
}

const ENDING = /\.(wav|wave|flac|mp3|ogg)$/i;
/** A frame looks at 25 ms and the next begins 10 ms later, as is usual for speech and music. */
const [WINDOW, HOP] = [0.025, 0.01];
/** About the mean and the deviation of the log-mel values of a recording whose peak is 1. */
const [MEAN, DEVIATION] = [-5, 4];

/** A sound file, named by its path. */
export const soundInput: Kind<InputField, SoundOptions> = {
  kind: 'sound',
  about: 'The path of a sound file, from the folder of the data; a missing one is learned.',
  options: optionsOf('sound', {
    sampleRate: count.default(16_000).describe('samples a second; sounds of another rate are resampled'),
    seconds: positive
      .default(2)
      .describe('so much is read of a sound; a longer one is cut, a shorter one padded with silence'),
    mels: count.default(64).describe('bands of the spectrogram'),
    augment: listOf(soundAugmentationKinds.schema(), 'a list of augmentations')
      .default([])
      .describe('what changes sounds in training, each a kind or a section with kind: augmentation.md'),
  }),
  build: ({ sampleRate, seconds, mels, augment }): InputField => ({
    fits: ({ cells }) => {
      const sounds = cells.every((cell) => typeof cell === 'string' && ENDING.test(cell));
      return sounds ? { weight: 0.95, because: 'names of sound files' } : undefined;
    },
    learn: () => ({
      see: ([cell = null], place) => void (cell === null || cellPath(cell, place, 'sound')),
      facts: () => null,
    }),
    read: async ([cell = null], place) =>
      cell === null ? MISSING : (await readSound(cellPath(cell, place, 'sound'), { sampleRate })).samples,
    stem: () => {
      const window = Math.round(WINDOW * sampleRate);
      const stem = spectrogramStem({
        sampleRate,
        seconds,
        mels,
        window,
        fft: 2 ** Math.ceil(Math.log2(window)),
        hop: Math.round(HOP * sampleRate),
        mean: MEAN,
        deviation: DEVIATION,
        augment: augment.map((data) => soundAugmentationKinds.build(data)),
      });
      return optional(stem, Float32Array.of(0));
    },
  }),
};

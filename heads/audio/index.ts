// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export type { Augmentation } from '../augmentation.ts';
export { balancedWeights } from '../class-weights.ts';
export type { MixupOptions } from '../mixup.ts';
export { accuracy1 } from './accuracy-1.ts';
export type {
  SoundAugmentation,
  SpectrogramAugmentation,
  SpectrogramCall,
  WaveformAugmentation,
  WaveformCall,
} from './augment/augmentation.ts';
export { maskMels, maskTime } from './augment/mask.ts';
export { mixup } from './augment/mixup.ts';
export { type NoiseOptions, noise } from './augment/noise.ts';
export { type SpeedOptions, speed } from './augment/speed.ts';
export { timeShift } from './augment/time-shift.ts';
export { type Classification, type ClassifierOptions, classifier } from './heads/classifier.ts';
export { type TempoOptions, tempo } from './heads/tempo.ts';
export {
  type TranscriberOptions,
  type Transcript,
  type Transcription,
  transcriber,
} from './heads/transcriber.ts';
export { frameCount, type LogMelOptions, logMel } from './log-mel.ts';
export { hannWindow, type MelFilterbankOptions, type MelScale, melFilterbank } from './mel.ts';
export { type FramesStemOptions, framesStem } from './stems/frames.ts';
export type { SpectrogramStemOptions } from './stems/over-spectrogram.ts';
export { type ResidualSpectrogramStemOptions, residualSpectrogramStem } from './stems/residual-spectrogram.ts';
export { spectrogramStem } from './stems/spectrogram.ts';

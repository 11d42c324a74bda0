import { describe, expect, it } from 'vitest';
// The file itself, not the folder: nothing here needs TensorFlow.
import { hannWindow, melFilterbank } from '../../heads/audio/mel.ts';
import { disagreement, golden } from '../golden.ts';
import { type AudioCase, filterbankOf } from './chirp.ts';

const { cases, windows } = golden<{ cases: AudioCase[]; windows: Record<string, number[]> }>('audio_features');

describe('mel filterbank', () => {
  it('has a periodic Hann window', () => {
    expect(disagreement(hannWindow(8), windows.hann_periodic_8, 1e-12, 1e-14)).toBeLessThanOrEqual(1);
  });

  it.each(cases)('$id: the weights of librosa and torchaudio', (example) => {
    const bank = melFilterbank(filterbankOf(example));
    const expected = bank.map((weights) => new Float64Array(weights.length));
    for (const [mel, bin, weight] of example.mel_filterbank_nonzero) expected[mel]![bin] = weight;
    for (const [mel, weights] of bank.entries()) {
      expect(disagreement(weights, [...expected[mel]!], 1e-10, 1e-14), `filter ${mel}`).toBeLessThanOrEqual(1);
    }
  });
});

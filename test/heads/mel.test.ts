import { describe, expect, it, vi } from 'vitest';
// The file itself, not the folder: nothing here needs TensorFlow.
import { hannWindow, melFilterbank } from '../../heads/audio/mel.ts';
import { disagreement, golden } from '../golden.ts';
import { type AudioCase, filterbankOf } from './chirp.ts';

const { cases, windows } = golden<{ cases: AudioCase[]; windows: Record<string, number[]> }>('audio_features');

describe('mel filterbank', () => {
  it('has a periodic Hann window', () => {
    expect(disagreement(hannWindow(8), windows.hann_periodic_8, 1e-12, 1e-14)).toBeLessThanOrEqual(1);
  });

  it('warns of filters that hear nothing', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const bank = melFilterbank({ sampleRate: 8000, fft: 256, mels: 128 });
    expect(bank.filter((weights) => weights.every((weight) => weight === 0)).length).toBe(6);
    expect(warned.mock.calls).toEqual([
      [
        'melFilterbank: 6 of 128 filters hear nothing: they lie between two neighbouring frequencies of the Fourier transform, which are 31.25 Hz apart with fft = 256. Expected each to reach one. Take fewer mels or a larger fft.',
        'BanyanWarning',
      ],
    ]);
    warned.mockClear();
    melFilterbank({ sampleRate: 8000, fft: 512, mels: 64 });
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it('says which option is wrong', () => {
    const good = { sampleRate: 8000, fft: 256, mels: 20 };
    for (const [wrong, message] of [
      [{ sampleRate: Number.NaN }, 'sampleRate must be a number > 0, received NaN. Look for what made it NaN'],
      [{ fft: 25.5 }, 'fft must be a whole number >= 1, received 25.5. Round it.'],
      [{ mels: 0 }, 'mels must be a whole number >= 1, received 0. Raise it to 1 or more.'],
      [{ fMin: 4000 }, 'expected 0 <= fMin < fMax <= 4000, half the sample rate, received fMin 4000 and fMax 4000.'],
      [{ fMin: -1 }, 'expected 0 <= fMin < fMax <= 4000, half the sample rate, received fMin -1 and fMax 4000.'],
      [{ melScale: 'bark' as 'htk' }, 'melScale must be one of htk, slaney, received bark. Choose one of them.'],
    ] as const) {
      expect(() => melFilterbank({ ...good, ...wrong })).toThrow(`melFilterbank: ${message}`);
    }
    expect(() => hannWindow(2.5)).toThrow('hannWindow: length must be a whole number >= 1, received 2.5.');
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

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSound, resample } from '../../src/data/index.ts';
import { makeFifo, temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const file = (name: string) => join(import.meta.dirname, 'files', name);
const written = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

/** What test/data/files/make.py wrote: the mean of two tones. */
const tones = Float32Array.from({ length: 6615 }, (_, i) => {
  const tone = (frequency: number) => Math.round(16384 * Math.sin((2 * Math.PI * frequency * i) / 22050)) / 32768;
  return (tone(440) + tone(660)) / 2;
});
// What libsndfile 1.2 reads at samples 1000, 1300, …: make.py prints it.
const libsndfile = {
  'tones.ogg': [
    -0.178062, -0.224099, -0.265213, -0.309329, -0.351829, -0.380349, -0.416057, -0.436287, -0.450751, -0.467023,
  ],
  'tones.mp3': [
    -0.173831, -0.221751, -0.26837, -0.311766, -0.346015, -0.376065, -0.411381, -0.441752, -0.454038, -0.467996,
  ],
};

describe('readSound', () => {
  it('reads FLAC to the last bit', async () => {
    const { samples, sampleRate } = await readSound(file('tones.flac'));
    expect(sampleRate).toBe(22050);
    expect(samples).toEqual(tones);
  });

  it.each(Object.entries(libsndfile))('reads %s as libsndfile does', async (name, expected) => {
    const { samples, sampleRate } = await readSound(file(name));
    expect(sampleRate).toBe(22050);
    expect(samples.length).toBe(6615);
    for (const [i, value] of expected.entries()) expect(samples[1000 + 300 * i]).toBeCloseTo(value, 4);
    expect(samples.reduce((sum, value, i) => sum + (value - tones[i]!) ** 2, 0) / 6615).toBeLessThan(1e-4);
  });

  it('reads WAV as readWav does, and resamples', async () => {
    const sound = await readSound(file('tones.flac'), { sampleRate: 16000 });
    expect(sound).toEqual({ sampleRate: 16000, samples: resample(tones, 22050, 16000) });
    const header = Buffer.from(
      'RIFF0000WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x04\0\0\0',
      'latin1',
    );
    const path = written('a.wav', Buffer.concat([header, Buffer.from([0, 64, 0, 192])]));
    expect(await readSound(path)).toEqual({ sampleRate: 8000, samples: Float32Array.of(0.5, -0.5) });
    expect((await readSound(path, { sampleRate: 16000 })).samples).toHaveLength(4);
  });

  it('passes over a tag', async () => {
    const tag = Buffer.from('ID3\x04\0\0\0\0\x01\x02'.padEnd(10 + 130, 'x'), 'latin1');
    for (const name of ['tones.flac', 'tones.mp3']) {
      const path = written('tagged', Buffer.concat([tag, readFileSync(file(name))]));
      expect(await readSound(path)).toEqual(await readSound(file(name)));
    }
  });

  it('tells a file that ends early', async () => {
    const cut = (name: string, part: number) => {
      const bytes = readFileSync(file(name));
      return readSound(written(name, bytes.subarray(0, Math.floor(part * bytes.length))));
    };
    await expect(cut('tones.flac', 0.9)).rejects.toThrow(
      `${join(folder, 'tones.flac')}: expected 6615 samples, received 4096. Fetch the file again.`,
    );
    for (const part of [0.5, 0.999]) {
      await expect(cut('tones.ogg', part)).rejects.toThrow(
        'tones.ogg: expected a last page of the Ogg stream, received the end of the file.',
      );
    }
    await expect(cut('tones.mp3', 0.9)).rejects.toThrow(
      'tones.mp3: expected 2345 bytes of MP3, received the end of the file.',
    );
    for (const name of ['tones.flac', 'tones.ogg', 'tones.mp3'])
      await expect(cut(name, 0.02)).rejects.toThrow(/expected .*, received/);
  });

  it('tells a damaged file', async () => {
    for (const name of ['tones.flac', 'tones.ogg']) {
      const bytes = readFileSync(file(name));
      for (let i = 0; i < 40; i++) bytes[Math.floor(bytes.length / 2) + i]! ^= 0x55;
      await expect(readSound(written(name, bytes))).rejects.toThrow(
        /expected (whole Ogg Vorbis data, received a fault|6615 samples)/,
      );
    }
  });

  it('names what is no sound that it reads', async () => {
    await expect(readSound(written('a.wav', Buffer.from('none')))).rejects.toThrow(
      'a.wav, byte 0: expected a sound in WAV, FLAC, MP3 or Ogg Vorbis, received "none". Convert the file.',
    );
    await expect(readSound(written('a.wav', Buffer.alloc(0)))).rejects.toThrow('received "".');
    await expect(readSound(file('opus.ogg'))).rejects.toThrow('received an Ogg file of something else.');
    await expect(readSound(join(folder, 'none.wav'))).rejects.toThrow(
      'none.wav cannot be read: there is no such file or folder.',
    );
    await expect(readSound(makeFifo(folder))).rejects.toThrow('is a FIFO, expected a regular file.');
  });
});

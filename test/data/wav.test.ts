import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWav } from '../../src/data/index.ts';
import { golden } from '../golden.ts';

interface Made {
  code?: number;
  channels?: number;
  rate?: number;
  bits?: number;
  blockAlign?: number;
  extra?: readonly Buffer[];
}

function chunk(id: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function wav(
  data: Buffer,
  { code = 1, channels = 1, rate = 8000, bits = 16, blockAlign, extra = [] }: Made = {},
): Buffer {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(code, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE((rate * channels * bits) / 8, 8);
  format.writeUInt16LE(blockAlign ?? (channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), ...extra, chunk('data', data)]);
  return Buffer.concat([chunk('RIFF', body)]);
}

const bytes16 = (...values: number[]) => Buffer.from(Int16Array.from(values).buffer);

describe('readWav', () => {
  it('refuses a sound without samples', () => {
    expect(() => readWav(wav(bytes16()), 'made')).toThrow(
      'made, byte 40: expected a "data" chunk with samples, received 0 bytes.',
    );
  });

  it('reads 16-bit PCM back, from bytes and from a file', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 1 }), (values) => {
        const { samples, sampleRate } = readWav(wav(bytes16(...values)), 'made');
        expect(sampleRate).toBe(8000);
        expect([...samples]).toEqual(values.map((value) => value / 32768));
      }),
    );
    const path = join(mkdtempSync(join(tmpdir(), 'banyan-wav-')), 'a.wav');
    writeFileSync(path, wav(bytes16(16384)));
    expect([...readWav(path).samples]).toEqual([0.5]);
  });

  it('reads 8, 24 and 32 bits and floats', () => {
    expect([...readWav(wav(Buffer.from([0, 128, 192]), { bits: 8 }), '8').samples]).toEqual([-1, 0, 0.5]);
    const pcm24 = Buffer.from([0, 0, 0x80, 0, 0, 0x40, 0xff, 0xff, 0xff]);
    expect([...readWav(wav(pcm24, { bits: 24 }), '24').samples]).toEqual([-1, 0.5, -(2 ** -23)]);
    const pcm32 = Buffer.from(Int32Array.of(-(2 ** 31), 2 ** 30).buffer);
    expect([...readWav(wav(pcm32, { bits: 32 }), '32').samples]).toEqual([-1, 0.5]);
    const floats = Buffer.from(Float32Array.of(-0.25, 0.75).buffer);
    expect([...readWav(wav(floats, { code: 3, bits: 32 }), 'float').samples]).toEqual([-0.25, 0.75]);
  });

  it('reads floats of 64 bits, and A-law and mu-law as ITU-T G.711 has them', () => {
    const doubles = Buffer.from(Float64Array.of(-0.25, 0.1).buffer);
    expect([...readWav(wav(doubles, { code: 3, bits: 64 }), 'double').samples]).toEqual([-0.25, Math.fround(0.1)]);
    const { aLaw, muLaw } = golden<Record<'aLaw' | 'muLaw', readonly number[]>>('sounds');
    const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i));
    const read = (code: number) => [...readWav(wav(bytes, { code, bits: 8 }), 'law').samples];
    expect(read(6)).toEqual(aLaw.map((value) => value / 32768));
    expect(read(7)).toEqual(muLaw.map((value) => value / 32768));
  });

  it('mixes channels and passes over chunks that hold no sound', () => {
    const list = chunk('LIST', Buffer.from('odd'));
    const { samples } = readWav(wav(bytes16(16384, -16384, 8192, 24576), { channels: 2, extra: [list] }), 'stereo');
    expect([...samples]).toEqual([0, 0.5]);
  });

  it.each([
    ['ffmpeg, into a pipe', 0xffffffff, 0xffffffff],
    ['SoX, into a pipe', 0x7ffff024, 0x7ffff000],
    ['arecord, into a pipe', 0x80000024, 0x80000000],
    ['a recorder that was interrupted', 0, 0],
    ['a recorder that had written an empty file', 36, 0],
    ['a recorder that knew nothing', 0xffffffff, 0],
  ])('reads to the end of the file where the length was left open by %s', (_, whole, length) => {
    for (const rest of [[], [1]]) {
      // The last byte is half of a sample that was not written to its end.
      const sound = Buffer.concat([wav(bytes16(16384, -16384)), Buffer.from(rest)]);
      sound.writeUInt32LE(whole, 4);
      sound.writeUInt32LE(length, 40);
      expect([...readWav(sound, 'piped').samples]).toEqual([0.5, -0.5]);
    }
    const none = wav(bytes16());
    none.writeUInt32LE(length, 40);
    expect(() => readWav(none, 'piped')).toThrow('byte 40: expected a "data" chunk with samples, received 0 bytes.');
  });

  it('tells a sound of no length and a file that was cut from one whose length was left open', () => {
    const empty = Buffer.concat([wav(bytes16()), chunk('LIST', bytes16(1, 2))]);
    empty.writeUInt32LE(empty.length - 8, 4);
    expect(() => readWav(empty, 'a.wav')).toThrow('byte 40: expected a "data" chunk with samples, received 0 bytes.');
    const cut = wav(bytes16(1, 2, 3)).subarray(0, -1);
    expect(() => readWav(cut, 'a.wav')).toThrow(
      'a.wav, byte 40: expected a "data" chunk of 6 bytes, received 5 bytes to the end of the file. Fetch the file again.',
    );
    const list = wav(bytes16(1), { extra: [chunk('LIST', bytes16(1))] });
    list.writeUInt32LE(0xffffffff, 40);
    expect(() => readWav(list, 'a.wav')).toThrow('expected a "LIST" chunk of 4294967295 bytes');
  });

  it('reads RF64, whose lengths are in a chunk of their own', () => {
    const rf64 = (length: number) => {
      const sizes = Buffer.alloc(28);
      sizes.writeBigUInt64LE(BigInt(length), 8);
      const format = wav(Buffer.alloc(0)).subarray(12, 36);
      const tail = chunk('LIST', bytes16(7));
      const sound = [Buffer.from('RF64\xff\xff\xff\xffWAVE', 'latin1'), chunk('ds64', sizes), format];
      const data = chunk('data', bytes16(16384, -16384));
      data.writeUInt32LE(0xffffffff, 4);
      return Buffer.concat([...sound, data, tail]);
    };
    expect([...readWav(rf64(4), 'long').samples]).toEqual([0.5, -0.5]);
    expect(() => readWav(rf64(400), 'long')).toThrow('a "data" chunk of 400 bytes, received 14 bytes to the end');
  });

  it('reads the extensible form', () => {
    const format = Buffer.alloc(40);
    wav(Buffer.alloc(0), { code: 0xfffe, channels: 2, bits: 24 }).copy(format, 0, 20, 36);
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(20, 18); // Bits that are used: the upper ones.
    format.write('0100000000001000800000aa00389b71', 24, 'hex');
    const data = chunk('data', Buffer.from([0, 0, 0x40, 0, 0, 0xc0, 0, 0, 0x20, 0, 0, 0x20]));
    const sound = chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), data]));
    expect([...readWav(sound, 'made').samples]).toEqual([0, 0.25]);
  });

  it('names file and byte of what is wrong', () => {
    const sound = wav(bytes16(1, 2, 3));
    const wrong = (at: number, text: string) =>
      Buffer.concat([sound.subarray(0, at), Buffer.from(text), sound.subarray(at + text.length)]);
    expect(() => readWav(wrong(0, 'RIFX'), 'a.wav')).toThrow(
      'a.wav, byte 0: expected "RIFF", received "RIFX". Give a WAV file.',
    );
    expect(() => readWav(wrong(8, 'AVI '), 'a.wav')).toThrow(/byte 8: expected "WAVE", received "AVI "/);
    expect(() => readWav(wrong(12, 'fmx '), 'a.wav')).toThrow(
      /byte 36: expected a "fmt " chunk before the "data" chunk, received none/,
    );
    expect(() => readWav(wrong(36, 'dada'), 'a.wav')).toThrow(
      /byte 50: expected a "data" chunk, received the end of the file/,
    );
    expect(() => readWav(sound.subarray(0, -2), 'a.wav')).toThrow(
      'a.wav, byte 40: expected a "data" chunk of 6 bytes, received 4 bytes to the end of the file. Fetch the file again.',
    );
    expect(() => readWav(Buffer.alloc(0), 'a.wav')).toThrow(/byte 0: expected "RIFF", received "the end of the file"/);
    expect(() => readWav(wav(bytes16(1), { code: 2 }), 'a.wav')).toThrow(
      /byte 20: expected PCM .* received code 2 of 16 bits/,
    );
    expect(() => readWav(wav(bytes16(1), { bits: 12, blockAlign: 2 }), 'a.wav')).toThrow(/received code 1 of 12 bits/);
    expect(() => readWav(wav(bytes16(1), { blockAlign: 3 }), 'a.wav')).toThrow(
      /byte 32: expected 2 bytes a frame .* received 3/,
    );
    expect(() => readWav(wav(bytes16(1), { channels: 2 }), 'a.wav')).toThrow(
      /byte 40: .* frames of 4 bytes, received 2 bytes/,
    );
    expect(() => readWav(wav(bytes16(1), { rate: 0 }), 'a.wav')).toThrow(/byte 24: expected a sample rate above 0/);
    const nan = Buffer.from(Float32Array.of(0, Number.NaN).buffer);
    expect(() => readWav(wav(nan, { code: 3, bits: 32 }), 'a.wav')).toThrow(
      /byte 48: expected a finite sample, received NaN/,
    );
    expect(() => readWav('/no/such.wav')).toThrow(/cannot be opened: expected a readable WAV file/);
  });
});

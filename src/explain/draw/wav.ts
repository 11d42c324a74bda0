const HEADER = 44;
const LARGEST = 32767;

/** Writes samples from -1 to 1 of one channel as a WAV file of 16 bits. */
export function wavOf(samples: Float32Array, sampleRate: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER + 2 * samples.length);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(2 * sampleRate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * samples.length, 40);
  for (const [i, sample] of samples.entries()) {
    bytes.writeInt16LE(Math.round(LARGEST * Math.max(-1, Math.min(1, sample))), HEADER + 2 * i);
  }
  return bytes;
}

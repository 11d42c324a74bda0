import { readFileSync } from 'node:fs';
import { BanyanError } from '../error.ts';
import { assertFile, type FileLimit } from '../files/assert-file.ts';

export interface Sound {
  /** The sound has so many samples a second. */
  readonly sampleRate: number;
  /** There is one channel; integer formats lie in [-1, 1), float files as they are (by convention in [-1, 1]). */
  readonly samples: Float32Array;
}

interface Format {
  readonly code: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bits: number;
  /** One sample of all channels has so many bytes. */
  readonly frame: number;
}

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
/** The bits that a sample of a kind may have. */
const BITS: Readonly<Record<number, readonly number[]>> = {
  [PCM]: [8, 16, 24, 32],
  [FLOAT]: [32, 64],
  [A_LAW]: [8],
  [MU_LAW]: [8],
};
const EXTENSIBLE = 0xfffe;

// Lengths of a sound that was written into a pipe: what the format has for it, and what SoX and others write there.
const UNKNOWN = 0xffffffff;
const ABOUT_2_GIB = 0x7ffff000;

/** Half an hour of stereo on a compact disc; samples of 8 bits take four times as much memory as the file. */
const LIMIT: FileLimit = { most: 320_000_000, mend: 'Cut the sound into shorter ones.' };

/**
 * Reads a RIFF WAVE sound: PCM of 8, 16, 24 or 32 bits, floats of 32 or 64, A-law and mu-law (ITU-T G.711); several channels are
 * mixed to one (their mean). RF64 too (EBU Tech 3306), with lengths of 64 bits. Where a program that wrote into a pipe left the length open, the samples go to the
 * end of the file.
 * @param file a path, or the file's bytes; then `name` is what errors call it.
 * @throws BanyanError `data`, with file and byte, for anything else, and for a file of more than 320 MB.
 */
export function readWav(file: string | Uint8Array, name = typeof file === 'string' ? file : 'WAV data'): Sound {
  const bytes = typeof file === 'string' ? load(file) : file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (byte: number, expected: string, received: string, mend = 'Convert the file to PCM WAV.'): never => {
    throw new BanyanError('data', `${name}, byte ${byte}: expected ${expected}, received ${received}. ${mend}`);
  };
  const tag = (at: number) =>
    at + 4 <= bytes.length ? String.fromCharCode(...bytes.subarray(at, at + 4)) : 'the end of the file';
  const form = tag(0);
  if (form !== 'RIFF' && form !== 'RF64') fail(0, '"RIFF"', JSON.stringify(form), 'Give a WAV file.');
  if (tag(8) !== 'WAVE') fail(8, '"WAVE"', JSON.stringify(tag(8)), 'Give a WAV file.');
  let format: Format | undefined;
  let longSize: number | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const id = tag(at);
    const body = at + 8;
    const rest = bytes.length - body;
    let size = view.getUint32(at + 4, true);
    if (id === 'data' && size === UNKNOWN && longSize !== undefined) size = longSize;
    const open = id === 'data' && isOpen(size, rest, 8 + view.getUint32(4, true), body);
    if (!open && size > rest) {
      fail(at + 4, `a "${id}" chunk of ${size} bytes`, `${rest} bytes to the end of the file`, 'Fetch the file again.');
    }
    if (id === 'fmt ') format = parseFormat(view, body, size, fail);
    if (id === 'ds64' && form === 'RF64') {
      if (size < 16) fail(at + 4, 'a "ds64" chunk of at least 16 bytes', `${size}`);
      longSize = Number(view.getBigUint64(body + 8, true));
    }
    if (id === 'data') {
      if (format === undefined) return fail(at, 'a "fmt " chunk before the "data" chunk', 'none');
      const { sampleRate, frame } = format;
      return { sampleRate, samples: decode(view, body, open ? rest - (rest % frame) : size, format, fail) };
    }
    // Chunks are padded to even lengths.
    at = body + size + (size & 1);
  }
  return fail(Math.min(at, bytes.length), 'a "data" chunk', 'the end of the file', 'Fetch the file again.');
}

/** Says whether nobody knew the length of the sound when its header was written: it then goes to the end of the file. */
function isOpen(size: number, rest: number, riffEnd: number, body: number): boolean {
  if (size === 0) return rest > 0 && (riffEnd === 8 + UNKNOWN || riffEnd <= body);
  return size >= UNKNOWN || (size >= ABOUT_2_GIB && size > rest);
}

type Fail = (byte: number, expected: string, received: string, mend?: string) => never;

function load(path: string): Uint8Array {
  assertFile('data', path, LIMIT);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new BanyanError(
      'data',
      `${path} cannot be opened: expected a readable WAV file, received ${(cause as Error).message}. Correct the path.`,
      { cause },
    );
  }
}

function parseFormat(view: DataView, at: number, size: number, fail: Fail): Format {
  if (size < 16) fail(at - 4, 'a "fmt " chunk of at least 16 bytes', `${size}`);
  let code = view.getUint16(at, true);
  // The extensible form keeps the true code in the first two bytes of a GUID.
  if (code === EXTENSIBLE)
    code =
      size >= 40 ? view.getUint16(at + 24, true) : fail(at - 4, 'an extensible "fmt " chunk of 40 bytes', `${size}`);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const frame = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  if (!BITS[code]?.includes(bits)) {
    const read =
      'PCM (code 1) of 8, 16, 24 or 32 bits, float (code 3) of 32 or 64, A-law (code 6) or mu-law (code 7) of 8';
    fail(at, read, `code ${code} of ${bits} bits`);
  }
  if (channels === 0) fail(at + 2, 'at least one channel', '0');
  if (sampleRate === 0) fail(at + 4, 'a sample rate above 0', '0');
  if (frame !== (channels * bits) / 8) {
    fail(at + 12, `${(channels * bits) / 8} bytes a frame (${channels} channels of ${bits} bits)`, `${frame}`);
  }
  return { code, channels, sampleRate, bits, frame };
}

function decode(
  view: DataView,
  start: number,
  size: number,
  { code, channels, bits, frame }: Format,
  fail: Fail,
): Float32Array {
  const bytes = bits / 8;
  if (size % frame !== 0) fail(start - 4, `a "data" chunk in frames of ${frame} bytes`, `${size} bytes`);
  const read = reader(view, code, bits);
  if (size === 0) fail(start - 4, 'a "data" chunk with samples', '0 bytes', 'Make the sound again.');
  const samples = new Float32Array(size / frame);
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const at = start + i * frame + channel * bytes;
      const value = read(at);
      if (!Number.isFinite(value)) fail(at, 'a finite sample', `${value}`, 'Make the sound again.');
      sum += value;
    }
    samples[i] = sum / channels;
  }
  return samples;
}

function reader(view: DataView, code: number, bits: number): (at: number) => number {
  if (code === FLOAT) return bits === 64 ? (at) => view.getFloat64(at, true) : (at) => view.getFloat32(at, true);
  if (code === A_LAW) return (at) => aLaw(view.getUint8(at)) / 32768;
  if (code === MU_LAW) return (at) => muLaw(view.getUint8(at)) / 32768;
  if (bits === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (bits === 16) return (at) => view.getInt16(at, true) / 32768;
  if (bits === 24) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608;
  return (at) => view.getInt32(at, true) / 2147483648;
}

/** A byte of A-law as a sample of 16 bits (ITU-T G.711, table 1: every other bit is inverted; sign, exponent, mantissa). */
function aLaw(byte: number): number {
  const code = byte ^ 0x55;
  const [exponent, mantissa] = [(code >> 4) & 7, ((code & 15) << 4) + 8];
  const size = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return code & 0x80 ? size : -size;
}

/** A byte of mu-law as a sample of 16 bits (ITU-T G.711, table 2: all bits are inverted; steps begin at a bias of 132). */
function muLaw(byte: number): number {
  const code = ~byte;
  const size = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
  return code & 0x80 ? -size : size;
}

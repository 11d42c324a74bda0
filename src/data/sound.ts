import { readFileSync } from 'node:fs';
import { BanyanError } from '../error.ts';
import { assertFile } from '../files/assert-file.ts';
import { fileError } from '../files/file-error.ts';
import { importPeer } from './peer.ts';
import { resample } from './resample.ts';
import { type Decoded, type Decoder, type Packing, packingOf } from './sound-packing.ts';
import { readWav, type Sound } from './wav.ts';

export interface SoundOptions {
  /** The sound is given with so many samples a second; by default with those it has. */
  readonly sampleRate?: number;
}

/** Bytes that are decoded at once. */
const PIECE = 65_536;
/** Half an hour on a compact disc. */
const MOST_SAMPLES = 80_000_000;
const LIMIT = { most: 320_000_000, mend: 'Cut the sound into shorter ones.' };

/**
 * Reads a sound file: WAV (see `readWav`), FLAC, MP3 or Ogg Vorbis, told by its first bytes. Several channels are mixed to one (their
 * mean); a sound of another rate than `sampleRate` is resampled (see `resample`).
 * @throws BanyanError `data` for anything else, for a file that is damaged or ends early, where its format can tell (frames
 * of MP3 have no checksum), and for one of more than 320 MB or 80 million samples; `plugin` where the package is missing that unpacks it.
 */
export async function readSound(path: string, { sampleRate }: SoundOptions = {}): Promise<Sound> {
  assertFile('data', path, LIMIT);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw fileError('data', path, 'read', cause);
  }
  const sound = await decoded(path, bytes);
  if (sampleRate === undefined || sampleRate === sound.sampleRate) return sound;
  return { sampleRate, samples: resample(sound.samples, sound.sampleRate, sampleRate) };
}

async function decoded(path: string, bytes: Buffer): Promise<Sound> {
  const start = bytes.toString('latin1', 0, 4);
  if (start === 'RIFF' || start === 'RF64') return readWav(bytes, path);
  const packing = packingOf(bytes);
  if (packing !== undefined) return unpacked(path, bytes, packing);
  throw new BanyanError(
    'data',
    `${path}, byte 0: expected a sound in WAV, FLAC, MP3 or Ogg Vorbis, received ${start === 'OggS' ? 'an Ogg file of something else' : JSON.stringify(start)}. Convert the file.`,
  );
}

async function unpacked(path: string, bytes: Buffer, packing: Packing): Promise<Sound> {
  const fail = (fault: string, mend = 'Fetch the file again.'): never => {
    throw new BanyanError('data', `${path}: ${fault}. ${mend}`);
  };
  const faulty = (message: string) => `expected whole ${packing.name} data, received a fault (${message})`;
  const module = await importPeer<Record<string, new () => Decoder>>(packing.package, `Reading ${path}`);
  const early = packing.early(bytes);
  if (early !== undefined) fail(`expected ${early}, received the end of the file`);
  const decoder = new module[packing.decoder]!();
  const pieces: Float32Array[] = [];
  let [length, sampleRate] = [0, 0];
  const take = ({ channelData, sampleRate: rate, bitDepth, errors }: Decoded): void => {
    if (errors[0] !== undefined) fail(faulty(errors[0].message));
    const piece = mixed(packing.isExact ? channelData.map((samples) => exact(samples, bitDepth!)) : channelData);
    if (piece.length === 0) return;
    length += piece.length;
    sampleRate = rate;
    pieces.push(piece);
    if (length > MOST_SAMPLES) fail(`expected at most ${MOST_SAMPLES} samples, received more`, LIMIT.mend);
  };
  try {
    await decoder.ready;
    for (let at = packing.start(bytes); at < bytes.length; at += PIECE) {
      take(await decoder.decode(bytes.subarray(at, at + PIECE)));
    }
    if (decoder.flush !== undefined) take(await decoder.flush());
  } catch (cause) {
    // What a decoder throws at data that no program wrote says little.
    throw cause instanceof BanyanError ? cause : fail(faulty((cause as Error).message));
  } finally {
    decoder.free();
  }
  const announced = packing.samples(bytes);
  if (announced > 0 && announced !== length) fail(`expected ${announced} samples, received ${length}`);
  if (length === 0) fail('expected samples, received none');
  return { sampleRate, samples: joined(pieces, length) };
}

/** The decoder divides whole numbers by the largest of them; WAV has them in [-1, 1), divided by one more. */
const exact = (samples: Float32Array, bits: number): Float32Array => {
  const largest = 2 ** (bits - 1) - 1;
  return samples.map((value) => Math.round(value * largest) / (largest + 1));
};

function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first, ...others] = channels;
  if (first === undefined) return new Float32Array();
  return first.map((value, i) => others.reduce((sum, channel) => sum + channel[i]!, value) / channels.length);
}

function joined(pieces: readonly Float32Array[], length: number): Float32Array {
  const samples = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return samples;
}

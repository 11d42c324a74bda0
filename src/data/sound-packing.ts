/** What decoders of packed sounds have in common. */
export interface Decoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  flush?(): Promise<Decoded>;
  free(): void;
}

export interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly bitDepth?: number;
  readonly errors: readonly { readonly message: string }[];
}

/** A format of packed sounds, and the package that unpacks it. */
export interface Packing {
  readonly name: string;
  readonly package: string;
  /** The name of the package's class. */
  readonly decoder: string;
  /** Its samples are whole numbers, of `bitDepth` bits. */
  readonly isExact: boolean;
  isIn(bytes: Buffer): boolean;
  /** The sound begins at this byte. */
  start(bytes: Buffer): number;
  /** It has so many samples, by its own account; 0 where it does not tell. */
  samples(bytes: Buffer): number;
  /** What a file that ends early lacks, where that can be seen without unpacking it. */
  early(bytes: Buffer): string | undefined;
}

/** The format of a file, by its first bytes. */
export const packingOf = (bytes: Buffer): Packing | undefined => PACKINGS.find(({ isIn }) => isIn(bytes));

const has = (bytes: Buffer, text: string, at = 0): boolean => bytes.toString('latin1', at, at + text.length) === text;

/** The place after an ID3v2 tag (id3.org, section 3.1: its length is in seven bits a byte). */
function afterTag(bytes: Buffer): number {
  if (!has(bytes, 'ID3') || bytes.length < 10) return 0;
  return bytes.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 127), 0) + 10;
}

/** FLAC's STREAMINFO (RFC 9639, section 8.2) has the number of samples in 36 bits. */
const flac: Packing = {
  name: 'FLAC',
  package: '@wasm-audio-decoders/flac',
  decoder: 'FLACDecoder',
  isExact: true,
  isIn: (bytes) => has(bytes, 'fLaC', afterTag(bytes)),
  start: afterTag,
  samples: (bytes) => {
    const at = afterTag(bytes) + 21;
    return bytes.length < at + 5 ? 0 : (bytes[at]! & 15) * 2 ** 32 + bytes.readUInt32BE(at + 1);
  },
  early: () => undefined,
};

/** A page of Ogg (RFC 3533, section 6) says whether it is the last one, and how long its segments are. */
const vorbis: Packing = {
  name: 'Ogg Vorbis',
  package: '@wasm-audio-decoders/ogg-vorbis',
  decoder: 'OggVorbisDecoder',
  isExact: false,
  isIn: (bytes) => has(bytes, 'OggS') && has(bytes, '\x01vorbis', 28),
  start: () => 0,
  samples: () => 0,
  early: (bytes) => {
    const page = bytes.lastIndexOf('OggS');
    const segments = bytes.subarray(page + 27, page + 27 + (bytes[page + 26] ?? 0));
    const end = page + 27 + segments.length + segments.reduce((sum, length) => sum + length, 0);
    const isLast = ((bytes[page + 5] ?? 0) & 4) !== 0;
    return isLast && end <= bytes.length ? undefined : 'a last page of the Ogg stream';
  },
};

/** Most programs write a first frame that says how long the others are ("Xing", or "Info" where their rate is constant). */
const mp3: Packing = {
  name: 'MP3',
  package: 'mpg123-decoder',
  decoder: 'MPEGDecoder',
  isExact: false,
  // Eleven bits that are set, a version, layer III.
  isIn: (bytes) => {
    const at = afterTag(bytes);
    return bytes[at] === 0xff && [0xe2, 0xe3, 0xf2, 0xf3, 0xfa, 0xfb].includes(bytes[at + 1]!);
  },
  start: afterTag,
  samples: () => 0,
  early: (bytes) => {
    const start = afterTag(bytes);
    const info = /Xing|Info/.exec(bytes.toString('latin1', start, start + 64));
    if (info === null) return undefined;
    const at = start + info.index;
    const HAS_FRAMES = 1;
    const HAS_BYTES = 2;
    const flags = bytes.length < at + 16 ? 0 : bytes.readUInt32BE(at + 4);
    if ((flags & HAS_BYTES) === 0) return undefined;
    const length = bytes.readUInt32BE(at + ((flags & HAS_FRAMES) === 0 ? 8 : 12));
    return start + length <= bytes.length ? undefined : `${length} bytes of MP3`;
  },
};

const PACKINGS: readonly Packing[] = [flac, vorbis, mp3];

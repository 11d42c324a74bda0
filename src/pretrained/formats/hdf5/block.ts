import { BanyanError } from '../../../error.ts';

/** What an HDF5 file is read from: a file, or a part of one. */
export interface Hdf5Bytes {
  readonly path: string;
  readonly size: number;
  read(begin: number, length: number): Promise<Uint8Array>;
}

/** What stands where nothing was written. */
const NOWHERE = 0xffff_ffff_ffff_ffffn;

/** Reads bytes that are there. @throws BanyanError `checkpoint` where they are not. */
export async function readWithin(bytes: Hdf5Bytes, begin: number, length: number): Promise<Uint8Array> {
  if (begin + length <= bytes.size) return bytes.read(begin, length);
  throw new BanyanError(
    'checkpoint',
    `${bytes.path}, byte ${begin}: expected ${length} bytes of HDF5, received ${Math.max(0, bytes.size - begin)}. The file is damaged; use another copy.`,
  );
}

/**
 * Limits what is read of a file's structure: its parts lie beside each other, so that all of them together are no longer than the file. One
 * that names the same bytes again and again would be read without an end.
 */
export function limited(bytes: Hdf5Bytes): Hdf5Bytes {
  const { path, size } = bytes;
  // Twice: so that no sound file is refused for parts that are read anew.
  let left = 2 * size;
  return {
    path,
    size,
    read: (begin, length) => {
      left -= length;
      if (left >= 0) return bytes.read(begin, length);
      throw new BanyanError(
        'checkpoint',
        `${path}, byte ${begin}: expected parts of HDF5 that lie beside each other, received parts that lie in each other. The file is damaged; use another copy.`,
      );
    },
  };
}

/** A piece of an HDF5 file: its numbers are little-endian. */
export class Block {
  readonly #view: DataView;
  readonly #begin: number;
  readonly #path: string;

  private constructor(view: DataView, begin: number, path: string) {
    this.#view = view;
    this.#begin = begin;
    this.#path = path;
  }

  static async read(bytes: Hdf5Bytes, begin: number, length: number): Promise<Block> {
    const { buffer, byteOffset } = await readWithin(bytes, begin, length);
    return new Block(new DataView(buffer, byteOffset, length), begin, bytes.path);
  }

  get length(): number {
    return this.#view.byteLength;
  }

  /** A part of it. */
  part(at: number, length: number): Block {
    this.#assert(at, length);
    return new Block(new DataView(this.#view.buffer, this.#view.byteOffset + at, length), this.#begin + at, this.#path);
  }

  /** A part of it that keeps no more than its bytes in memory. */
  copy(at: number, length: number): Block {
    this.#assert(at, length);
    const begin = this.#view.byteOffset + at;
    return new Block(new DataView(this.#view.buffer.slice(begin, begin + length)), this.#begin + at, this.#path);
  }

  /** A whole number of so many bytes. */
  number(at: number, bytes: 1 | 2 | 4 | 8): number {
    this.#assert(at, bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    if (bytes === 2) return this.#view.getUint16(at, true);
    if (bytes === 4) return this.#view.getUint32(at, true);
    const number = this.#view.getBigUint64(at, true);
    return number <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(number)
      : this.fail(at, `the number ${number}`, 'a smaller one');
  }

  /** An address of the file; undefined where nothing was written. */
  address(at: number): number | undefined {
    this.#assert(at, 8);
    return this.#view.getBigUint64(at, true) === NOWHERE ? undefined : this.number(at, 8);
  }

  /** The text from there to the next zero. */
  text(at: number): string {
    let end = at;
    while (this.number(end, 1) !== 0) end++;
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, end - at).toString('utf8');
  }

  /** @throws unless this signature stands there. */
  assertSignature(signature: string): void {
    const found = Buffer.from(this.#view.buffer, this.#view.byteOffset, Math.min(signature.length, this.length));
    if (found.toString('latin1') !== signature)
      this.fail(0, JSON.stringify(found.toString('latin1')), JSON.stringify(signature));
  }

  /** @throws BanyanError `checkpoint` that says what was received there, and what was expected. */
  fail(at: number, received: string, expected: string): never {
    throw new BanyanError(
      'checkpoint',
      `${this.#path}, byte ${this.#begin + at}: expected ${expected}, received ${received}. The file is damaged, or HDF5 of a form that is not read: save it again by Keras 3, or as safetensors.`,
    );
  }

  #assert(at: number, length: number): void {
    if (at < 0 || at + length > this.length) this.fail(at, `${Math.max(0, this.length - at)} bytes`, `${length} bytes`);
  }
}

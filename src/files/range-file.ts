import { type FileHandle, open } from 'node:fs/promises';
import { BanyanError, type ErrorCode } from '../error.ts';
import { assertFile } from './assert-file.ts';
import { fileError } from './file-error.ts';

/** A file that is read piece by piece, wherever a piece lies. */
export class RangeFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly #code: ErrorCode;
  readonly #file: FileHandle;

  private constructor(code: ErrorCode, path: string, size: number, file: FileHandle) {
    this.#code = code;
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /** Opens a regular file. @throws BanyanError `code` for what is none, or cannot be read. */
  static async open(code: ErrorCode, path: string): Promise<RangeFile> {
    assertFile(code, path);
    const file = await open(path).catch((cause) => {
      throw fileError(code, path, 'read', cause);
    });
    const stats = await file.stat();
    if (stats.isFile()) return new RangeFile(code, path, stats.size, file);
    await file.close();
    throw new BanyanError(code, `${path} is a folder, expected a file. Give the path of a file.`);
  }

  /** Reads so many bytes from there on. @throws BanyanError `code` where they are not all in the file, or it cannot be read. */
  async read(begin: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const there = Math.max(0, Math.min(length, this.size - begin));
    if (there < length || begin < 0) throw this.#short(begin, length, there);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#file.read(bytes, done, length - done, begin + done).catch((cause) => {
        throw fileError(this.#code, this.path, 'read', cause);
      });
      // It was cut since it was opened.
      if (bytesRead === 0) throw this.#short(begin, length, done);
      done += bytesRead;
    }
    return bytes;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #short(begin: number, length: number, there: number): BanyanError {
    return new BanyanError(
      this.#code,
      `${this.path}, byte ${begin}: expected ${length} bytes, received ${there}. The file is damaged; use another copy.`,
    );
  }
}

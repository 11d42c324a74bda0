import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { fileError } from '../../files/file-error.ts';

/** Where the text of a command goes. */
export interface TextOutput {
  /** Writes, and waits where whoever reads it is slower. */
  write(text: string): Promise<void>;
  /** Ends it; all is written then. */
  end(): Promise<void>;
}

/** Opens a file to be written anew, or the standard output. @throws BanyanError `data` for a file that cannot be written. */
export function openOutput(path: string | undefined): TextOutput {
  const stream = path === undefined ? process.stdout : createWriteStream(path);
  let failure: unknown;
  if (path !== undefined) {
    stream.on('error', (error) => {
      failure = fileError('data', path, 'written', error);
    });
  }
  return {
    write: async (text) => {
      if (failure !== undefined) throw failure;
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'error')]).catch(() => {});
      if (failure !== undefined) throw failure;
    },
    end: async () => {
      if (path === undefined) return;
      stream.end();
      await finished(stream).catch((error: unknown) => {
        throw failure ?? error;
      });
    },
  };
}

import { readdir, stat } from 'node:fs/promises';

/**
 * What a call of the file system gives, or `none` where there is no such file or folder. Any other failure (no permission, a link
 * that leads in a circle, a device that fails) is thrown as it came: what cannot be looked at is not known to be absent.
 */
export function unlessMissing<T>(call: Promise<T>, none: T): Promise<T> {
  return call.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return none;
    throw error;
  });
}

/** Whether there is something at a path; through a link, at what that points to. @throws the system's error, as `unlessMissing`. */
export const isThere = (path: string): Promise<boolean> =>
  unlessMissing(
    stat(path).then(() => true),
    false,
  );

/** Names in a folder, none where it is missing. @throws the system's error, as `unlessMissing`. */
export const namesIn = (folder: string): Promise<string[]> => unlessMissing(readdir(folder), []);

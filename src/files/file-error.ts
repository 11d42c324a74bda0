import { BanyanError, type ErrorCode } from '../error.ts';

/** What the system's words for faults mean, and what can be done. */
const FAULTS: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the path.'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Check the path.'],
  EEXIST: ['something of that name is there already', 'Choose another path, or remove it.'],
  EISDIR: ['it is a folder, not a file', 'Give the path of a file.'],
  ELOOP: ['its links lead in a circle', 'Correct the links.'],
  EACCES: ['this user is not permitted to', 'Change the permissions, or choose another path.'],
  EPERM: ['this user is not permitted to', 'Change the permissions, or choose another path.'],
  EROFS: ['the file system is read-only', 'Choose a path on another one.'],
  ENOSPC: ['no space is left on the device', 'Make room, or choose a path on another device.'],
  EDQUOT: ['the quota of this user is used up', 'Make room, or choose another path.'],
  EBUSY: ['the system is using it', 'Choose another path.'],
  EMFILE: ['too many files are open in this process', 'Raise the limit (`ulimit -n`), or open fewer.'],
  ENAMETOOLONG: ['its name is too long', 'Choose a shorter one.'],
  EIO: ['the device failed', 'Check the device.'],
};

/** In one clause, why a call of the file system failed. */
export const whyOf = (cause: unknown): string => textsOf(cause)[0];

function textsOf(cause: unknown): readonly [why: string, mend: string] {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return FAULTS[code] ?? [message.replace(/\.$/, ''), 'Check the path.'];
}

/**
 * What a failed call of the file system is to people: `model/manifest.json cannot be written: the file system is read-only. Choose …`
 * Whatever else went wrong is given back as it is, so that a whole piece of work can stand under one `catch`.
 * @param done what was to be done to the path: `read`, `written`, `made`.
 */
export function fileError(code: ErrorCode, path: string, done: string, cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException | undefined)?.errno === undefined) return cause;
  const [why, mend] = textsOf(cause);
  return new BanyanError(code, `${path} cannot be ${done}: ${why}. ${mend}`, { cause });
}

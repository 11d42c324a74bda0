import { BanyanError } from '../../error.ts';

const MEDIA = /\.(png|jpe?g|webp|gif|tiff?|avif|wav|flac|mp3|og[ga])$/i;
/** What systems put into folders and archives for themselves. */
const SYSTEM = /^(\..*|__MACOSX|Thumbs\.db|desktop\.ini)$/i;

/** Says whether a file is a picture or a sound by its ending. */
export const isMedia = (name: string): boolean => MEDIA.test(name);

/** Says whether a name is none of the user's files. */
export const isSystem = (name: string): boolean => SYSTEM.test(name);

/** The label of a file: the name of the first folder on its way, or none. */
export const labelOf = (parts: readonly string[]): string | null =>
  parts.length > 1 ? parts[0]!.normalize('NFC') : null;

/** Tells of files that are no pictures or sounds, and so no rows. */
export function warnOfOthers(path: string, others: readonly string[], count: number): void {
  if (count === 0) return;
  process.emitWarning(
    `${path}: ${count} files are neither pictures nor sounds by their endings, and are left out: ${others.join(', ')}${count > others.length ? ', …' : ''}.`,
    'BanyanWarning',
  );
}

/** Makes the error for a place without pictures and sounds. */
export const noFiles = (path: string) =>
  new BanyanError(
    'data',
    `${path}: expected pictures or sounds (.png, .jpg, .webp, .wav, .flac, .mp3, .ogg, …), received none. Give the folder that holds them, or the one that holds a folder for each label.`,
  );

import { BanyanError } from '../../error.ts';
import { showBytes } from '../../show.ts';

/** Text packs to a tenth or so. What packs to less than a hundredth is a bomb, unless it is small. */
const MOST_PACKED = 100;
const SMALL = 64e6;

/** So many bytes are unpacked from a file of so many bytes. */
export const mostUnpacked = (size: number): number => Math.max(SMALL, MOST_PACKED * size);

/** @returns BanyanError `data` for a file with more in it. */
export const tooMuch = (path: string, size: number, mend: string): BanyanError =>
  new BanyanError(
    'data',
    `${path} has ${showBytes(size)}, expected at most ${showBytes(mostUnpacked(size))} in it when it is unpacked, received more. If it is meant, ${mend}.`,
  );

import { basename, dirname, join } from 'node:path';

/** A folder inside one that cannot be renamed: it is whole, and its files are still to take their places in the one around it. */
export const NEXT = '.next';

/** Where the folder before stands while the new one takes its name; only a kill between two renames leaves it there. */
export const aside = (target: string): string => join(dirname(target), `.${basename(target)}.old`);

import { basename, dirname, join } from 'node:path';
import { BanyanError } from '../../error.ts';

/**
 * The path of a file that another one names, which must lie beside it.
 * @throws BanyanError `checkpoint` for a name that leads elsewhere.
 */
export function beside(path: string, name: string): string {
  if (!name.includes('/') && !name.includes('\\') && name !== '..') return join(dirname(path), name);
  throw new BanyanError(
    'checkpoint',
    `${path} names the file "${name}", expected one beside it. Correct ${basename(path)}, or fetch it again.`,
  );
}

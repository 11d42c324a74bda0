import { constants } from 'node:os';
import { loadLibc } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Asks the kernel for the only lock on an open file (flock(2)) without waiting for it. It lasts until the file is closed, so at most
 * as long as its process, however that ends. Returns 0 where it was given, EAGAIN where another open file has it, else why there are
 * no locks here (ENOLCK, EOPNOTSUPP, …). Throws where koffi has no build for the platform, or the platform no flock.
 */
export function tryFlock(file: number): number {
  const { flock, errno } = loadLibc();
  for (;;) {
    if (flock(file, LOCK_EX | LOCK_NB) === 0) return 0;
    const code = errno();
    if (code !== constants.errno.EINTR) return code;
  }
}

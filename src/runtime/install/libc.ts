import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** The few calls of the C library that Node does not offer. */
export interface Libc {
  dup(fd: number): number;
  dup2(from: number, to: number): number;
  close(fd: number): number;
  flock(fd: number, operation: number): number;
  dlopen(path: string, flags: number): unknown;
  getenv(name: string): string | null;
  setenv(name: string, value: string, overwrite: number): number;
  unsetenv(name: string): number;
  errno(): number;
}

let libc: Libc | undefined;

/** Loads them on first use; throws where koffi has no build for the platform. */
export function loadLibc(): Libc {
  if (libc) return libc;
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const own = koffi.load(null);
  return (libc = {
    dup: own.func('int dup(int)'),
    dup2: own.func('int dup2(int, int)'),
    close: own.func('int close(int)'),
    flock: own.func('int flock(int, int)'),
    dlopen: own.func('void *dlopen(const char *, int)'),
    getenv: own.func('const char *getenv(const char *)'),
    setenv: own.func('int setenv(const char *, const char *, int)'),
    unsetenv: own.func('int unsetenv(const char *)'),
    errno: () => koffi.errno(),
  } as Libc);
}

// linux/prctl.h
const PR_SET_PDEATHSIG = 1;

/**
 * Has Linux end this process by SIGKILL once the thread that started it has ended. Elsewhere, and where koffi has no build for the
 * platform, it does nothing.
 */
export function dieWithParent(): void {
  if (process.platform !== 'linux') return;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    koffi.load(null).func('int prctl(int, ulong, ulong, ulong, ulong)')(
      PR_SET_PDEATHSIG,
      constants.signals.SIGKILL,
      0,
      0,
      0,
    );
  } catch {
    // The channel between the two does the rest.
  }
}

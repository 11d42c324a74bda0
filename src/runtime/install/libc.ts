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
  madvise(address: bigint, length: bigint, advice: number): number;
  errno(): number;
}

let libc: Libc | undefined;

/** Loads them on first use; throws where koffi has no build for the platform. */
export function loadLibc(): Libc {
  if (libc) return libc;
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const symbols = koffi.load(null);
  return (libc = {
    dup: symbols.func('int dup(int)'),
    dup2: symbols.func('int dup2(int, int)'),
    close: symbols.func('int close(int)'),
    flock: symbols.func('int flock(int, int)'),
    dlopen: symbols.func('void *dlopen(const char *, int)'),
    getenv: symbols.func('const char *getenv(const char *)'),
    setenv: symbols.func('int setenv(const char *, const char *, int)'),
    unsetenv: symbols.func('int unsetenv(const char *)'),
    madvise: symbols.func('int madvise(uintptr_t, size_t, int)'),
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

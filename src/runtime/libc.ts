import { createRequire } from 'node:module';

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

import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { loadLibc } from './libc.ts';

// A process has one TensorFlow, and may have several threads of JavaScript (workers), each with an instance of these modules. What
// must happen once in the process, or by one thread after the other, is here. It is for Linux, where TensorFlow can be set up.

const LOCK_EX = 2;
/** The kernel makes this file for each process: a lock on it is the process's own, and ends with it. */
const OWN_FILE = '/proc/self/cmdline';

/** Runs `work` while no other thread of this process does such; it must not call itself. Without locks, it just runs. */
export function inTurn<T>(work: () => T): T {
  let file: number | undefined;
  try {
    const { flock, errno } = loadLibc();
    file = openSync(OWN_FILE, 'r');
    while (flock(file, LOCK_EX) !== 0 && errno() === constants.errno.EINTR);
  } catch {
    // Another system, or one without koffi: no TensorFlow to share.
  }
  try {
    return work();
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Keeps a library in memory until the process ends. Whoever loads one for a worker closes it with the worker, while TensorFlow's
 * threads, and what is registered in it, go on calling it.
 */
export function pin(library: string): void {
  const { RTLD_NOW } = constants.dlopen;
  const RTLD_NODELETE = 0x1000;
  loadLibc().dlopen(library, RTLD_NOW | RTLD_NODELETE);
}

/** Sets a variable of the environment for this thread and for C: a worker's `process.env` is a copy that C does not see. */
export function setEnvironment(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  try {
    if (value === undefined) loadLibc().unsetenv(name);
    else loadLibc().setenv(name, value, 1);
  } catch {
    // Without koffi there is no C to tell.
  }
}

// The environment is what all threads have in common. The process's id says whose word it is: children inherit the environment.
const variable = (name: string) => `BANYAN_PROCESS_${name.toUpperCase()}`;

/** Returns what a thread of this process has noted; undefined where none has. */
export function noted(name: string): string | undefined {
  try {
    const [pid, ...words] = (loadLibc().getenv(variable(name)) ?? '').split(' ');
    return pid === String(process.pid) ? words.join(' ') : undefined;
  } catch {
    return undefined;
  }
}

/** Notes a word for all threads of this process; `undefined` takes it back. */
export function note(name: string, word: string | undefined): void {
  try {
    const { setenv, unsetenv } = loadLibc();
    if (word === undefined) unsetenv(variable(name));
    else setenv(variable(name), `${process.pid} ${word}`, 1);
  } catch {
    // Without koffi no thread shares anything.
  }
}

// The library that counts what a program does to files and lets it go wrong (native/faults.c), made here by the C compiler.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';

/** The library's file, or why there is none. */
export type FaultLibrary = { readonly file: string } | { readonly missing: string };

export function compileFaults(folder: string): FaultLibrary {
  if (process.platform !== 'linux')
    return { missing: `Linux: calls on files are counted by LD_PRELOAD, received ${process.platform}` };
  const file = join(folder, 'faults.so');
  const args = ['-shared', '-fPIC', '-O1', '-o', file, join(root, 'test/long/native/faults.c'), '-ldl', '-lpthread'];
  for (const compiler of ['cc', 'gcc', 'clang']) {
    const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
    if (error !== undefined) continue;
    if (status !== 0) throw new Error(`${compiler} ${args.join(' ')}\n${stderr}`);
    return { file };
  }
  return { missing: 'a C compiler: neither cc, gcc nor clang is there' };
}

/** A call on a file, as the library takes it down. */
export interface FileCall {
  readonly number: number;
  /** `open`, `write`, `rename`, … */
  readonly call: string;
  readonly path: string;
  /** The new path of what is renamed or linked; otherwise empty. */
  readonly to: string;
}

/** At which call a program is killed: before it, or when half of what it writes is written. */
export interface Kill {
  readonly call: number;
  readonly inside: boolean;
}

/** An error that calls give, as a disk does. */
export interface Failing {
  readonly errno: number;
  /** Once so many bytes were written … */
  readonly bytes?: number;
  /** … or from this call on, up to that one. */
  readonly from?: number;
  readonly until?: number;
}

/** What a program's environment needs for its calls below `below` to be counted, and to go wrong. */
export function faultsIn(
  library: string,
  below: string,
  { log, kill, failing }: { readonly log?: string; readonly kill?: Kill | undefined; readonly failing?: Failing },
): Record<string, string> {
  const { errno, bytes, from, until } = failing ?? {};
  const numbers = { KILL: kill?.call, ERRNO: errno, BYTES: bytes, FROM: from, UNTIL: until };
  return {
    LD_PRELOAD: library,
    FAULTS_BELOW: below,
    ...(log === undefined ? {} : { FAULTS_LOG: log }),
    ...(kill?.inside ? { FAULTS_INSIDE: 'yes' } : {}),
    ...Object.fromEntries(
      Object.entries(numbers).flatMap(([name, value]) =>
        value === undefined ? [] : [[`FAULTS_${name}`, String(value)]],
      ),
    ),
  };
}

/** The calls in a log, which is removed. */
export function takeCalls(log: string): FileCall[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  rmSync(log);
  return lines.map((line) => {
    const [number = '', call = '', path = '', to = ''] = line.split('\t');
    return { number: Number(number), call, path, to };
  });
}

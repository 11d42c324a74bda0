import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadLibc } from './libc.ts';

/** A mapping of a file into memory, as Linux tells of it in /proc/self/smaps (proc_pid_smaps(5)). */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** As in `r-xp`. */
  readonly permissions: string;
  readonly file: string;
  /** Kilobytes that are in memory, */
  readonly resident: number;
  /** and that the process has written to, in memory or in the swap. Not a number where the system does not count them. */
  readonly written: number;
}

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ +(\/.*)$/;

/** Reads the mappings of files out of the text of /proc/self/smaps. */
export function mappingsIn(smaps: string): readonly Mapping[] {
  // Each mapping has a line of its own, and then one for each number.
  return smaps.split(/\n(?=[0-9a-f]+-)/).flatMap((text) => {
    const [head = '', ...lines] = text.split('\n');
    const [, start, end, permissions, file] = HEAD.exec(head) ?? [];
    if (file === undefined) return [];
    const kilobytes = (name: string) =>
      Number(/(\d+) kB$/.exec(lines.find((line) => line.startsWith(`${name}:`)) ?? '')?.[1]);
    return {
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      permissions: permissions!,
      file,
      resident: kilobytes('Rss'),
      written: kilobytes('Anonymous') + kilobytes('Swap'),
    };
  });
}

/**
 * Chooses the mappings that hold what is in their files and nothing else. Where the system does not count what was written there are none: to
 * load a program or a library, addresses are written into parts of it, so a file without any was not counted.
 */
export function unwritten(mappings: readonly Mapping[]): readonly Mapping[] {
  const counted = new Set(mappings.flatMap(({ file, written }) => (written > 0 ? file : [])));
  return mappings.filter(
    ({ file, permissions, written }) => counted.has(file) && /^r-.p$/.test(permissions) && written === 0,
  );
}

// sys/mman.h
const MADV_DONTNEED = 4;

/**
 * Gives back the memory that Node's own program and the libraries of a folder were read into, but for what was written to it. To load a
 * library, its tables of names and addresses are read, and the beginning of each of its parts runs, once: of TensorFlow's some 290 MB, of
 * which a training touches 50 again. That comes from the system's cache of the file, or from the file. The libraries must stay loaded
 * until the process ends. Elsewhere than on Linux, and without koffi, it does nothing.
 */
export function giveBack(folder: string): void {
  try {
    const { madvise } = loadLibc();
    const [program, libraries] = [realpathSync(process.execPath), realpathSync(folder)];
    const mappings = mappingsIn(readFileSync('/proc/self/smaps', 'latin1'));
    for (const { file, start, end } of unwritten(mappings)) {
      if (file === program || dirname(file) === libraries) madvise(start, end - start, MADV_DONTNEED);
    }
  } catch {
    // They stay in memory.
  }
}

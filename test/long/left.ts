// What a killed command has left behind.
import { readdirSync, readFileSync } from 'node:fs';

/** Processes that were started for a folder, by Linux's account of them. */
export const processesOf = (out: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(out);
      } catch {
        return false;
      }
    });

/** What of a folder is hidden or half written. */
export const unfinishedIn = (out: string): string[] =>
  (readdirSync(out, { recursive: true }) as string[]).filter((path) => /(^|\/)\.|\.tmp$/.test(path));

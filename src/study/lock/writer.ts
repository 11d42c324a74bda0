import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';

/** A process that writes into a folder, as its lock says it. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
  /** What it does: `banyan resume`, or the file of a program. */
  readonly command: string;
  /** The time when it came, in ISO 8601. */
  readonly since: string;
  /** The time when the process was started, in the kernel's ticks: a number of a process is given again to later ones. Absent without /proc. */
  readonly start?: string;
}

/** The programs of this package that write into folders; what they do is their first argument. */
const BANYAN = /^(banyan|trainer)(\.[jt]s)?$/;

/** Describes this process. */
export function thisWriter(): Writer {
  const { pid } = process;
  const start = startOf(pid);
  const [, file = '', argument = ''] = process.argv;
  const program = basename(file);
  const command = BANYAN.test(program) ? `banyan ${argument}`.trim() : program || 'a program';
  const since = new Date().toISOString();
  return { pid, host: hostname(), command, since, ...(start === undefined ? {} : { start }) };
}

/** Reads whom a lock's text names; undefined where it names nobody, as that of one who has just come. */
export function writerOf(text: string): Writer | undefined {
  try {
    const { pid, host, command, since, start } = JSON.parse(text) as Partial<Record<keyof Writer, unknown>>;
    if (!Number.isSafeInteger(pid) || [host, command, since].some((word) => typeof word !== 'string')) return undefined;
    return { pid, host, command, since, ...(typeof start === 'string' ? { start } : {}) } as Writer;
  } catch {
    return undefined;
  }
}

/** Says who writes: `process 123 (banyan resume, since 14:02:11)`. */
export function writerText(writer: Writer | undefined): string {
  if (writer === undefined) return 'another process';
  const { pid, host, command, since } = writer;
  const where = host === hostname() ? '' : ` on ${host}`;
  return `process ${pid}${where} (${command}, since ${timeText(since)})`;
}

/** Says the time of day, and the date where that is not today. */
function timeText(since: string): string {
  const date = new Date(since);
  // As in ISO 8601, and in local time.
  const time = date.toLocaleTimeString('sv');
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString('sv')} ${time}`;
}

/** Says whether the process is known to be gone: of one on another machine nothing is known. */
export function isGone({ pid, host, start }: Writer): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = startOf(pid);
  return start !== undefined && now !== undefined && now !== start;
}

/** Reads the time when a process was started: field 22 of proc_pid_stat(5); what stands before it may hold spaces and ends with a parenthesis. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

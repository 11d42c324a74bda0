import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that writes into a folder, as its lock says it. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
  /** `banyan resume`. */
  readonly command: string;
  /** When it came, in ISO 8601. */
  readonly since: string;
  /** When the process was started, in the kernel's ticks: a number of a process is given again to later ones. Absent without /proc. */
  readonly start?: string;
}

/** This process. */
export function thisWriter(): Writer {
  const { pid } = process;
  const start = startOf(pid);
  const command = `banyan ${process.argv[2] ?? ''}`.trim();
  const since = new Date().toISOString();
  return { pid, host: hostname(), command, since, ...(start === undefined ? {} : { start }) };
}

/** Whoever a lock's text names; undefined where it names nobody, as that of one who has just come. */
export function writerOf(text: string): Writer | undefined {
  try {
    const { pid, host, command, since, start } = JSON.parse(text) as Partial<Record<keyof Writer, unknown>>;
    if (!Number.isSafeInteger(pid) || [host, command, since].some((word) => typeof word !== 'string')) return undefined;
    return { pid, host, command, since, ...(typeof start === 'string' ? { start } : {}) } as Writer;
  } catch {
    return undefined;
  }
}

/** `process 123 (banyan resume, since 14:02:11)`. */
export function writerText(writer: Writer | undefined): string {
  if (writer === undefined) return 'another process';
  const { pid, host, command, since } = writer;
  const where = host === hostname() ? '' : ` on ${host}`;
  return `process ${pid}${where} (${command}, since ${timeText(since)})`;
}

/** The time of day, and the date where that is not today. */
function timeText(since: string): string {
  const date = new Date(since);
  // As in ISO 8601, and in local time.
  const time = date.toLocaleTimeString('sv');
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString('sv')} ${time}`;
}

/** Whether the process is known to be gone: of one on another machine nothing is known. */
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

/** Field 22 of proc_pid_stat(5); what stands before it may hold spaces and ends with a parenthesis. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

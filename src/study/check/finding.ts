/** What came of one thing that was tried or read. */
export interface Finding {
  readonly ok: boolean;
  /** What it is about: the name of a task, a file, … */
  readonly about: string;
  readonly text: string;
}

export const good = (about: string, text: string): Finding => ({ ok: true, about, text });
export const bad = (about: string, text: string): Finding => ({ ok: false, about, text });

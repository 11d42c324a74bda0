/** One thing that was tried. */
export interface Finding {
  readonly ok: boolean;
  /** What it is about: a task's name, `save and load`, … */
  readonly about: string;
  readonly text: string;
}

export const good = (about: string, text: string): Finding => ({ ok: true, about, text });
export const bad = (about: string, text: string): Finding => ({ ok: false, about, text });

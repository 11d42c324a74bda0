/** A pattern of names: `*` stands for any text, also for one with `/` in it, and for none. */
export interface NamePattern {
  /** Gives what stands for each `*`, from the left; undefined for a name that does not match. */
  match(name: string): readonly string[] | undefined;
}

/** Reads a pattern of names. */
export function namePattern(pattern: string): NamePattern {
  const literal = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  const expression = new RegExp(`^${pattern.split('*').map(literal).join('([^]*?)')}$`);
  return { match: (name) => expression.exec(name)?.slice(1) };
}

/** Puts texts in the place of each `*`, from the left. */
export function fillPattern(pattern: string, texts: readonly string[]): string {
  let next = 0;
  return pattern.replaceAll('*', () => texts[next++] ?? '*');
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WireBeginning } from './wire.ts';

// Beside this file in the package; in the repository it is made on first use.
const BUILT = fileURLToPath(new URL('page.html', import.meta.url));
const BUILDER = new URL('build-page.ts', import.meta.url);

/** Reads the page, whole: it loads nothing. */
export async function pageHtml(): Promise<string> {
  if (existsSync(BUILT)) return readFile(BUILT, 'utf8');
  // By a name that the compiler does not follow: the package has neither the builder nor Vite.
  const { cachedPage }: { cachedPage(): Promise<string> } = await import(BUILDER.href);
  return readFile(await cachedPage(), 'utf8');
}

/** What the page shows without a server. */
export interface Report extends WireBeginning {
  /** HTML that follows the curves and displays. */
  readonly sections: string;
}

/** Makes the page with all that it shows in it: it needs neither a server nor a network. */
export async function reportHtml({ sections, ...beginning }: Report): Promise<string> {
  // Inside a script element, `<` could end it.
  const data = JSON.stringify(beginning).replaceAll('<', '\\u003c');
  // A function, since `$` means something in a replacement.
  return (await pageHtml())
    .replace('<title>Training</title>', () => `<title>${escaped(beginning.log.title)}</title>`)
    .replace('<script type="application/json" id="report"></script>', (empty) => empty.replace('><', () => `>${data}<`))
    .replace('<div id="sections"></div>', () => `<div id="sections">${sections}</div>`);
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

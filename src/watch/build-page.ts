// Makes the page one file, with Vite. Not in the package, which has the page itself:
//   node --conditions=source --import tsx src/watch/build-page.ts FILE
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';
import { cachedBuild } from '../files/cached-build.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Puts scripts and styles into the page. */
const inlined: Plugin = {
  name: 'inlined',
  enforce: 'post',
  generateBundle(_, bundle) {
    const page = bundle['index.html'] as Rolldown.OutputAsset;
    let html = String(page.source);
    for (const [name, part] of Object.entries(bundle)) {
      if (part === page) continue;
      if (part.type === 'chunk') {
        // At the end: it runs where it stands, when all before it is there.
        html = html
          .replace(new RegExp(`\\s*<script[^>]*src="[^"]*${name}"[^>]*></script>`), '')
          .replace('</body>', () => `<script type="module">${part.code.replaceAll('</', '<\\/')}</script>\n</body>`);
      } else {
        html = html.replace(
          new RegExp(`<link[^>]*href="[^"]*${name}"[^>]*>`),
          () => `<style>${String(part.source)}</style>`,
        );
      }
      delete bundle[name];
    }
    page.source = html;
  },
};

/** @returns the page. */
async function buildPage(): Promise<string> {
  const { build } = await import('vite');
  const output = await build({
    root: join(here, 'page'),
    configFile: false,
    logLevel: 'error',
    plugins: [inlined],
    build: { write: false, target: 'es2022', modulePreload: false, cssCodeSplit: false },
  });
  const [page] = (output as Rolldown.RolldownOutput).output;
  return String((page as unknown as Rolldown.OutputAsset).source);
}

/** The file of a page that is made of the sources as they are; made now if need be, in a second. */
export const cachedPage = (): Promise<string> =>
  cachedBuild({ name: 'banyan-page', type: 'html', sources: ['src/watch'], build: buildPage });

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(process.argv[2]!, await buildPage());

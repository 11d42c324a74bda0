import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { GENERATED, makePage } from '../../examples/browser/make.ts';
import { createNetwork, transformerTrunk } from '../../src/index.ts';
import { launchChromium } from '../browser.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Makes the page of examples/browser around a small network of generated data that has learned nothing. */
export async function makeSmallPage(site: string): Promise<void> {
  const network = await createNetwork({
    trunk: transformerTrunk({ width: 32, depth: 1, heads: 2 }),
    tasks: Object.values(GENERATED),
    seed: 1,
  });
  // What it loses is chance.
  await makePage(network, { senses: GENERATED, out: site, mayLose: 1 });
  network.dispose();
}

/** Flags of a Chromium whose processor stands for a graphics card. */
export const GRAPHICS: readonly string[] = [
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-webgpu-adapter=swiftshader',
];

/** Serves a page of files to a headless Chromium with such flags. */
export async function openBrowser(site: string, flags: readonly string[]) {
  // It compresses them, as servers of pages do.
  const server = createServer(({ url }, response) => {
    const path = new URL(url!, 'http://page').pathname;
    const file = join(site, path === '/' ? 'index.html' : path);
    const headers = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-encoding': 'gzip' };
    response.writeHead(200, headers).end(gzipSync(readFileSync(file), { level: 1 }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchChromium(flags);
  return {
    /** Opens the page on a screen of such a width, and closes it after `use`; nothing may be wrong with it. */
    onPage: async (backend: string, width: number, use: (page: Page) => Promise<void>): Promise<void> => {
      const context = await browser.newContext({ viewport: { width, height: 844 } });
      try {
        const page = await context.newPage();
        // A busy machine is no fault.
        page.setDefaultTimeout(150_000);
        const wrong: string[] = [];
        page.on('pageerror', ({ message }) => wrong.push(message));
        page.on('console', (message) => {
          if (message.type() === 'error') wrong.push(message.text());
        });
        page.on('request', (request) => {
          const url = request.url();
          if (!/^(data|blob):/.test(url) && new URL(url).origin !== origin) wrong.push(url);
        });
        await page.goto(`${origin}/?backend=${backend}`);
        await page.locator('main:not([hidden]), #status.wrong').first().waitFor();
        await use(page);
        if (wrong.length > 0) throw new Error(`The page complains: ${wrong.join('; ')}`);
      } finally {
        await context.close();
      }
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

/**
 * In the page: the largest difference of its outputs from Node's, as a part of the largest, for the eight examples of each task. A text, since an
 * `import` in here would be another one.
 */
const DIFFERENCES = `(async () => {
  const { openExport, revived } = await import('/model/banyan-export.mjs');
  const { tasks } = openExport(await (await fetch('/model/banyan-export.json')).json());
  const found = {};
  for (const { name, examples } of tasks) {
    let [largest, difference] = [0, 0];
    for (const { raw, output } of examples) {
      const expected = revived(output);
      for (const [key, numbers] of Object.entries(await network.outputs(name, raw)))
        numbers.forEach((number, i) => {
          largest = Math.max(largest, Math.abs(expected[key][i]));
          difference = Math.max(difference, Math.abs(number - expected[key][i]));
        });
    }
    found[name] = difference / largest;
  }
  return found;
})()`;

/** By task: how far the page's numbers are from Node's. */
export async function differencesIn(page: Page): Promise<Readonly<Record<string, number>>> {
  await page.locator('.pause').click();
  return page.evaluate<Record<string, number>>(DIFFERENCES);
}

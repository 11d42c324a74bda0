// How long a decision takes in the page of examples/browser, and how far its numbers are from Node's:
//   node --conditions=source --import tsx test/long/browser-speed.ts SITE wasm|webgl|webgpu [TIMES]
import { resolve } from 'node:path';
import { GRAPHICS, openBrowser } from '../export/page.ts';

const [site = 'site', backend = 'wasm', times = '100'] = process.argv.slice(2);

/** In the page: of each task the least, the middle and the 90th of a hundred times from a raw example to its prediction, in milliseconds. */
const PACE = `(async () => {
  const { openExport } = await import('/model/banyan-export.mjs');
  const { tasks } = openExport(await (await fetch('/model/banyan-export.json')).json());
  const found = {};
  for (const { name, examples } of tasks) {
    const taken = [];
    for (let i = 0; i < ${Number(times)}; i++) taken.push((await network.ask(name, examples[i % examples.length].raw)).milliseconds);
    taken.sort((a, b) => a - b);
    found[name] = [0, 0.5, 0.9].map((share) => Number(taken[Math.floor(share * taken.length)].toFixed(2)));
  }
  return found;
})()`;

const browser = await openBrowser(resolve(site), backend === 'wasm' ? [] : GRAPHICS);
await browser.onPage(backend, 1280, async (page) => {
  await page.locator('.pause').click();
  const size = await page.locator('#size').textContent();
  process.stdout.write(`${JSON.stringify({ backend, size, pace: await page.evaluate(PACE) })}\n`);
});
await browser.close();

// The page of examples/browser by WebGL and WebGPU, which a processor computes where there is no graphics card.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../src/runtime/index.ts';
import { hasChromium } from '../browser.ts';
import { differencesIn, GRAPHICS, makeSmallPage, openBrowser } from '../export/page.ts';
import { temporaryFolder } from '../repository.ts';

const { compiled } = await startRuntime();
const site = join(temporaryFolder(), 'site');
let browser: Awaited<ReturnType<typeof openBrowser>>;

describe.skipIf(!compiled || !hasChromium)(
  'the page of an exported network (needs a Chromium, skipped where there is none)',
  () => {
    beforeAll(async () => {
      await makeSmallPage(site);
      browser = await openBrowser(site, GRAPHICS);
    }, 180_000);
    afterAll(() => browser?.close());

    it.each(['webgl', 'webgpu'])('gives what Node gave, by %s', (backend) =>
      browser.onPage(backend, 1280, async (page) => {
        expect(await page.locator('#backend').inputValue()).toBe(backend);
        expect(Math.max(...Object.values(await differencesIn(page)))).toBeLessThan(1e-4);
      }),
    );
  },
);

// The page of examples/browser, in a headless Chromium, against what the network gives in Node; by graphics cards: test/long/browser.test.ts.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENERATED } from '../../examples/browser/make.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { hasChromium } from '../browser.ts';
import { temporaryFolder } from '../repository.ts';
import { differencesIn, makeSmallPage, openBrowser } from './page.ts';

const { compiled } = await startRuntime();
const site = join(temporaryFolder(), 'site');
let browser: Awaited<ReturnType<typeof openBrowser>>;

describe.skipIf(!compiled || !hasChromium)(
  'the page of an exported network (needs a Chromium, skipped where there is none)',
  () => {
    beforeAll(async () => {
      await makeSmallPage(site);
      // A beep stands for the microphone.
      browser = await openBrowser(site, ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
    });
    afterAll(() => browser?.close());

    it('gives what Node gave, by WebAssembly', () =>
      browser.onPage('wasm', 1280, async (page) => {
        const differences = await differencesIn(page);
        const names = Object.values(GENERATED).map(({ name }) => name);
        expect(Object.keys(differences).sort()).toEqual(names.sort());
        expect(Math.max(...Object.values(differences))).toBeLessThan(1e-5);
      }));

    it('names, plays, listens and answers, and fits a phone', () =>
      browser.onPage('wasm', 390, async (page) => {
        const answers = (card: string) => page.locator(`#${card} .answers meter`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        // The game goes on by itself, until it is told to stop.
        const value = page.locator('#game .value');
        const before = await value.textContent();
        await page.waitForFunction((text) => document.querySelector('#game .value')!.textContent !== text, before);
        await page.locator('.pause').click();
        expect(await answers('game').count()).toBe(6);
        // A drawing.
        const draw = page.locator('canvas.draw');
        await draw.scrollIntoViewIfNeeded();
        const canvas = (await draw.boundingBox())!;
        await page.mouse.move(canvas.x + 30, canvas.y + 30);
        await page.mouse.down();
        await page.mouse.move(canvas.x + 100, canvas.y + 90, { steps: 5 });
        await page.mouse.up();
        await answers('picture').first().waitFor();
        await page.locator('#picture .clear').click();
        expect(await answers('picture').count()).toBe(0);
        // A held-out picture, and the file of no picture.
        await page.locator('#picture .examples button').first().click();
        await answers('picture').first().waitFor();
        const nothing = { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
        await page.locator('#picture input[type=file]').setInputFiles(nothing);
        await page.getByText('a.png is no picture that this browser reads.').waitFor();
        // A WAV, and the microphone.
        await page.locator('#sound input[type=file]').setInputFiles(join(site, 'sounds/1.wav'));
        await answers('sound').first().waitFor();
        await page.locator('.listen').click();
        await page.locator('.listen[aria-pressed=true]').waitFor();
        await answers('sound').first().waitFor();
        // A sentence.
        await page.locator('#sentence input').fill('what a lovely day');
        await page.keyboard.press('Enter');
        await answers('sentence').first().waitFor();
      }));
  },
);

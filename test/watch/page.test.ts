import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Display } from '../../src/index.ts';
import { plot } from '../../src/report/index.ts';
import { pageHtml, reportHtml } from '../../src/watch/page-file.ts';
import { WatchServer } from '../../src/watch/server.ts';
import { type ProgressEvent, TrainingLog } from '../../src/watch/training-log.ts';
import { wireGalleries } from '../../src/watch/wire.ts';
import { hasChromium, launchChromium } from '../browser.ts';
import { temporaryFolder } from '../repository.ts';

const RED = Uint8Array.of(255, 0, 0);
const [WIDTH, HEIGHT] = [1200, 900];

const picture: Display = [{ kind: 'picture', width: 2, height: 1, rgb: Uint8Array.of(...RED, 0, 0, 255) }];
const film: Display = [
  {
    kind: 'film',
    width: 1,
    height: 1,
    frames: Array.from({ length: 5 }, (_, i) => Uint8Array.of(i, 0, 0)),
    captions: ['', 'left', 'right', 'left', 'fire'],
    perSecond: 20,
  },
];
const samples = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i / 10));
const sound: Display = [{ kind: 'sound', sampleRate: 8000, samples }, picture[0]!];
const galleries = wireGalleries(
  [
    { task: 'pictures', display: picture, predicted: 'shoe', confidence: 0.934, expected: 'shoe', right: true },
    { task: 'pictures', display: picture, predicted: 'boot', confidence: 0.5, expected: '<b>shoe', right: false },
    { task: 'game', display: film, words: 'return 3 in 4 steps' },
    { task: 'notes', display: sound, predicted: 'flute', confidence: 1 },
    { task: 'notes', display: [{ kind: 'curve', label: 'a sensor', values: samples }] },
    { task: 'notes', display: [{ kind: 'words', text: 'hello' }] },
    {
      task: 'notes',
      display: [{ kind: 'words', text: 'show cheap flights' }],
      predicted: '(root * (obj * *))',
      expected: '(root * (obj (amod *) *))',
      right: false,
    },
  ],
  7,
);
const start: ProgressEvent = { kind: 'start', step: 0, steps: 100, tasks: ['pictures', 'game', 'notes', 'bare'] };
const step = (number: number) => ({
  kind: 'step' as const,
  step: number,
  steps: 100,
  losses: { pictures: 1 / number, game: -1, notes: 2, bare: 3 },
  milliseconds: 500,
});
const evaluation: ProgressEvent = {
  kind: 'evaluation',
  step: 50,
  metrics: { pictures: { accuracy: 0.8125, loss: 0.5 } },
  milliseconds: 1,
};

let browser: Browser;
/** A page that may ask nothing of any other server, and must not complain. */
async function visit(url: string, width = WIDTH) {
  const context = await browser.newContext({ viewport: { width, height: HEIGHT } });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', ({ message }) => wrong.push(message));
  page.on('console', (message) => wrong.push(message.text()));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !/^(data|blob):/.test(request.url()))
      wrong.push(request.url());
  });
  await page.goto(url);
  return { page, wrong, leave: () => context.close() };
}
const section = (page: Page, task: string) =>
  page.locator('section.task', { has: page.getByRole('heading', { name: task }) });
/** How many pixels of a canvas are not clear. */
const inkOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    });

describe.skipIf(!hasChromium)('the page (needs a Chromium, skipped where there is none)', () => {
  const folder = temporaryFolder();
  beforeAll(async () => {
    browser = await launchChromium();
  }, 30_000);
  afterAll(() => browser?.close());

  async function serve() {
    const log = new TrainingLog({ title: 'Three <senses>' });
    const begin = () => ({ log: log.state, galleries });
    const server = await WatchServer.start(await pageHtml(), 0, begin, () => {});
    const tell = (...told: readonly ProgressEvent[]) => {
      for (const one of told) log.add(one);
      server.tell('progress', told);
    };
    return { server, tell };
  }

  it('notes under a task what happened to it, and says at which step the weights are best', async () => {
    const { server, tell } = await serve();
    const { page, wrong, leave } = await visit(server.url);
    const best = { kind: 'best', step: 40, metrics: {} } as const;
    const away = { task: 'pictures', metric: 'accuracy', value: 0.6, best: 0.75, bestStep: 20, distance: 0.2 };
    tell(start, step(1), step(2), best, { kind: 'stop', step: 2, ...away });
    const notes = section(page, 'pictures').getByRole('listitem');
    await notes.getByText('stopped after step 2: accuracy was best, 0.75 at step 20').waitFor();
    expect(await section(page, 'game').getByRole('list').count()).toBe(0);
    expect(await page.locator('#pace').textContent()).toContain('; best at step 40');
    tell({ kind: 'return', step: 2, ...away }, { kind: 'end', step: 2, reason: 'patience' });
    await page.getByText('✓ finished: nothing got better any more').waitFor();
    expect(await notes.count()).toBe(2);
    expect(wrong).toEqual([]);
    await leave();
    await server.close();
  });

  it('shows how it stands and the curves as they come, over steps or seconds, and stays when it is over', async () => {
    const { server, tell } = await serve();
    const { page, wrong, leave } = await visit(server.url);
    await page.getByText('not started yet').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Three <senses>');
    tell(start, ...Array.from({ length: 50 }, (_, i) => step(i + 1)), evaluation);
    await page.getByText('● training').waitFor();
    expect(await page.title()).toBe('50\u00a0% Three <senses>');
    expect(await page.locator('#pace').textContent()).toBe('step 50 of 100 in 25 s of training, 25 s left');
    const curve = section(page, 'pictures').getByRole('img', { name: 'Curve of accuracy, 0.8125 at step 50' });
    await curve.waitFor();
    expect(await section(page, 'pictures').locator('figcaption').allTextContents()).toEqual([
      expect.stringMatching(/^training loss0\.02/),
      'accuracy0.8125',
      'validation loss0.5',
    ]);
    expect(await inkOf(page, '.chart canvas')).toBeGreaterThan(200);
    await page.getByLabel('seconds').check();
    await section(page, 'pictures').getByRole('img', { name: 'Curve of accuracy, 0.8125 at 25 s' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Blocks' }).count()).toBe(0);
    tell({ ...step(51), auxiliary: 0.25 });
    await page.getByText('step 51 of 100').waitFor();
    await page
      .getByRole('region', { name: 'Blocks' })
      .getByRole('img', { name: /^Curve of auxiliary loss, 0.25/ })
      .waitFor();
    // One that comes late, or again, sees the same.
    await page.reload();
    await page.getByText('step 51 of 100').waitFor();
    expect(await section(page, 'pictures').locator('figcaption').count()).toBe(3);
    expect(await page.locator('section h2').allTextContents()).toEqual(['pictures', 'game', 'notes', 'bare', 'Blocks']);
    // Of most networks no block sends tokens anywhere.
    expect(await page.getByRole('table').count()).toBe(0);
    const shares = { pictures: [0.5, 0.25, 0.25, 0], '<i>notes': [0, 0, 0.996, 0.004] };
    server.tell('routes', { step: 51, blocks: [{ block: 'column-0/block-2', shares }] });
    const map = page.getByRole('region', { name: 'Experts' }).getByRole('table', { name: /^column-0.block-2/ });
    await map.waitFor();
    expect(await map.getByRole('rowheader').allTextContents()).toEqual(['pictures', '<i>notes']);
    expect(await map.getByRole('columnheader').allTextContents()).toEqual(['1', '2', '3', '4']);
    expect(await map.locator('tbody td').allTextContents()).toEqual(['50', '25', '25', '0', '0', '0', '100', '0']);
    // The deeper the colour, the more go there.
    const depths = await map
      .locator('tbody td')
      .evaluateAll((fields) => fields.map((field) => (field as HTMLElement).style.getPropertyValue('--share')));
    expect(depths.slice(0, 4)).toEqual(['35.1%', '17.6%', '17.6%', '0.0%']);
    expect(await page.getByText('on held-out examples, after step 51').count()).toBe(1);
    tell({ kind: 'end', step: 51, reason: 'stopped' });
    await server.close();
    await page.getByText('■ stopped').waitFor();
    await page.getByLabel('seconds').check();
    await section(page, 'pictures').getByRole('img', { name: 'Curve of accuracy, 0.8125 at 25 s' }).waitFor();
    expect(wrong).toEqual([]);
    await leave();
  }, 30_000);

  it('shows pictures, films, sounds, curves and words, with what is said of them', async () => {
    const { server, tell } = await serve();
    tell(start);
    const { page, wrong, leave } = await visit(server.url);
    const pictures = section(page, 'pictures');
    await pictures.getByText('✓ shoe').waitFor();
    expect(await pictures.locator('.explanation').allTextContents()).toEqual([
      '✓ shoe 93\u00a0%',
      '✗ boot 50\u00a0%is: <b>shoe',
    ]);
    expect(
      await pictures
        .locator('.display canvas')
        .first()
        .evaluate((canvas) => {
          const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 2, 1);
          return [...data];
        }),
    ).toEqual([255, 0, 0, 255, 0, 0, 255, 255]);
    expect(await pictures.getByText('held-out examples, after step 7').count()).toBe(1);

    const game = section(page, 'game');
    await game.getByText('return 3 in 4 steps').waitFor();
    // It plays by itself, round and round.
    await game.getByText('step 4: fire').waitFor();
    await game.getByText('step 1: left').waitFor();
    await game.getByRole('button', { name: 'Pause' }).click();
    await game.getByRole('slider').fill('2');
    await game.getByText('step 2: right').waitFor();
    await page.waitForTimeout(150);
    expect(await game.getByText('step 2: right').count()).toBe(1);

    const notes = section(page, 'notes');
    const play = notes.getByRole('button', { name: 'Play' });
    await play.focus();
    await page.keyboard.press('Enter');
    await notes.getByRole('button', { name: 'Stop' }).waitFor();
    await play.waitFor();
    expect(await notes.getByText('0.5 s, 8 kHz').count()).toBe(1);
    expect(await inkOf(page, '.sound canvas')).toBeGreaterThan(1000);
    await notes.getByRole('img', { name: 'a sensor' }).waitFor();
    // What is in brackets is drawn, over the words that were read: what was predicted, and what it is.
    const trees = notes.getByRole('img', { name: 'Tree' });
    expect(await trees.count()).toBe(2);
    expect(await trees.first().locator('text').allTextContents()).toEqual(['show', 'cheap', 'flights', 'obj', 'root']);
    expect(await trees.last().locator('.label').allTextContents()).toEqual(['amod', 'obj', 'root']);
    expect(await notes.locator('blockquote').first().textContent()).toBe('hello');
    expect(await section(page, 'bare').locator('.display').count()).toBe(0);

    // A film that a person holds stays; what nobody touches is replaced.
    server.tell('gallery', { task: 'game', step: 8, shown: [], problem: 'no film' });
    server.tell('gallery', { task: 'pictures', step: 8, shown: [], problem: 'no picture' });
    await page.getByText('Cannot be shown: no picture').waitFor();
    expect(await game.getByText('return 3 in 4 steps').count()).toBe(1);
    expect(wrong).toEqual([]);
    await server.close();
    await page.getByText('no longer watched').waitFor();
    await leave();
  }, 30_000);

  it('says what the marks in a film mean, and of which move its words are', async () => {
    const marks = [
      [
        { row: 1, column: 1, size: 1, type: 0, name: 'plus 1', label: 'up' },
        { row: 0, column: 1, size: 1, type: 1, name: 'cross 2', says: 0.5 },
        { row: 1, column: 0, size: 1, type: 2, name: 'circle 3', says: -0.25 },
      ],
      [],
    ];
    const black = new Uint8Array(3 * 3 * 3);
    const captions = ['return 0, then up', 'return 1'];
    const shown = wireGalleries(
      [
        {
          task: 'game',
          display: [{ kind: 'film', width: 3, height: 3, frames: [black, black], captions, perSecond: 1, marks }],
        },
      ],
      7,
    );
    const log = new TrainingLog({ title: 'a game' });
    log.add(start);
    const server = await WatchServer.start(
      await pageHtml(),
      0,
      () => ({ log: log.state, galleries: shown }),
      () => {},
    );
    const { page, wrong, leave } = await visit(server.url);
    const film = section(page, 'game').locator('.film');
    await film.getByText('Green speaks for the next move, red against it').waitFor();
    await film.getByRole('slider').fill('0');
    await film.getByText('step 0: return 0, then up').waitFor();
    expect(await film.locator('.pointed text').allTextContents()).toEqual(['up', '+0.50', '-0.25']);
    expect(await film.locator('.pointed .for').count()).toBe(1);
    expect(await film.locator('.pointed .against').count()).toBe(1);
    expect(wrong).toEqual([]);
    await leave();
    await server.close();
  }, 30_000);

  it('is whole as one file without a server, on a narrow screen too', async () => {
    const log = new TrainingLog({ title: 'A & B' });
    for (const told of [
      start,
      step(1),
      evaluation,
      { kind: 'end', step: 1, reason: 'steps' },
    ] satisfies ProgressEvent[]) {
      log.add(told);
    }
    const file = join(folder, 'report.html');
    const curve = await plot({
      ...{ width: 200, height: 100, mark: 'line', data: { values: [1, 2].map((x) => ({ x })) } },
      encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'x', type: 'quantitative' } },
    });
    const sections = `<section><h2>What it was</h2><div class="pictures">${curve}</div></section>`;
    writeFileSync(file, await reportHtml({ log: log.state, galleries, sections }));
    const { page, wrong, leave } = await visit(pathToFileURL(file).href, 400);
    await page.getByText('✓ finished').waitFor();
    expect(await page.title()).toBe('A & B');
    await section(page, 'pictures')
      .getByRole('img', { name: /^Curve of accuracy/ })
      .waitFor();
    await section(page, 'game').getByText('return 3 in 4 steps').waitFor();
    const heading = (await page.getByRole('heading', { name: 'What it was' }).boundingBox())!;
    // A plot has classes of its own, which the page must not lay out.
    const drawn = (await page.locator('.pictures svg').boundingBox())!;
    expect(drawn.y).toBeGreaterThanOrEqual(heading.y + heading.height);
    expect(drawn.height).toBeLessThan(200);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    expect(wrong).toEqual([]);
    await leave();
  }, 30_000);
});

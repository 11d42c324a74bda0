import { describe, expect, it } from 'vitest';
import type { Routing } from '../../src/evaluate/index.ts';
import { runPage } from '../../src/report/index.ts';
import { comparisonsOf, meanCosine, pairsOf } from '../../src/report/run/gradients.ts';
import { smoothed, thinned } from '../../src/report/run/series.ts';
import type { GradientComparison, StepEvent, TrainingEvent } from '../../src/train/events.ts';
import type { WireBeginning } from '../../src/watch/wire.ts';
import { NOTED } from './events.ts';

const TASKS = ['shapes', 'notes', 'a <third>'];

/** Three tasks' gradients, all of one length, with these cosines. */
const comparison = (shapesNotes: number, shapesThird: number, notesThird: number): GradientComparison => ({
  norms: Object.fromEntries(TASKS.map((task, k) => [task, k + 1])),
  cosines: [
    [1, shapesNotes, shapesThird],
    [shapesNotes, 1, notesThird],
    [shapesThird, notesThird, 1],
  ],
});

const step = (number: number, rest: Partial<StepEvent> = {}, tasks = TASKS): StepEvent => ({
  kind: 'step',
  step: number,
  steps: 40,
  losses: Object.fromEntries(tasks.map((task, k) => [task, 10 ** k / number])),
  labelled: Object.fromEntries(tasks.map((task) => [task, 8])),
  learningRate: 0.001,
  gradientNorm: 1 / number,
  milliseconds: 100,
  ...rest,
});

/** Forty steps, watched in every tenth, with an evaluation. */
function training(tasks = TASKS, watched = true): TrainingEvent[] {
  const steps = Array.from({ length: 40 }, (_, i): TrainingEvent => {
    const blocks = {
      'column-0/block-0': comparison(0.5, 0.25, 0),
      'column-0/finish': comparison(-0.75, 0.375, -0.125),
    };
    const gradients = { ...comparison(-0.25, 0.4, i < 20 ? 0.1 : 0.3), blocks };
    return step(i + 1, watched && i % 10 === 0 ? { gradients } : {}, tasks);
  });
  const metrics = Object.fromEntries(tasks.map((task) => [task, { accuracy: 0.75, loss: 0.5 }]));
  return [
    { kind: 'start', step: 0, steps: 40, tasks },
    ...steps,
    { kind: 'evaluation', step: 40, metrics, milliseconds: 1 },
    { kind: 'end', step: 40, reason: 'steps' },
  ];
}

const pageOf = (events: readonly TrainingEvent[], routing: readonly Routing[] = [], trunk?: string) =>
  runPage({
    ...(trunk === undefined ? {} : { trunk }),
    title: 'Run x',
    facts: [['batch', '8']],
    events,
    metrics: { shapes: { accuracy: 0.875, loss: 0.25 } },
    gallery: [
      { task: 'shapes', display: [{ kind: 'words', text: '</script>' }], predicted: 'disc' },
      { task: 'shapes', display: [{ kind: 'picture', width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3) }] },
    ],
    routing,
  });

/** What the page draws when it is opened. */
function dataOf(html: string) {
  const [, data] = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(data!) as WireBeginning;
}
/** What can be read without a script. */
const withoutScripts = (html: string) => html.replaceAll(/<script[^>]*>.*?<\/script>/gs, '');

/** Text in pictures; what a cell of a grid shows, by row and column. */
const hasText = (html: string, text: string) => html.includes(`>${text}</text>`);
const cellsOf = (html: string) =>
  new Map(
    [...html.matchAll(/aria-label="column: ([^"]*?); row: ([^"]*?); label: ([^"]*)"/g)].map(
      ([, column, row, label]) => [`${row} | ${column}`, label],
    ),
  );

describe("a run's page", () => {
  it('shows who took part, where not all tasks did in each step', { timeout: 30_000 }, async () => {
    expect(await pageOf(training())).not.toContain('Who took part');
    const drawn = training().map((event) =>
      event.kind === 'step' ? { ...event, drawn: event.step % 4 === 0 ? TASKS : ['shapes'] } : event,
    );
    expect(await pageOf(drawn)).toContain('Who took part');
  });

  it('needs nothing but itself', async () => {
    const html = await pageOf(training());
    expect(withoutScripts(html)).not.toMatch(/https?:|<link(?! rel="icon" href="data:,")|<img|@import|url\(|\son\w+=/i);
    expect(html).not.toMatch(/<script[^>]* src=/);
    // And a browser holds it to that.
    expect(html).toContain("default-src 'none'");
  });

  it('tells what followed from evaluations: stops, returns, overfitting, the weights that it ends with', async () => {
    const best: TrainingEvent = { kind: 'best', step: 40, metrics: { shapes: { accuracy: 0.75 } } };
    const end: TrainingEvent = { kind: 'end', step: 40, reason: 'patience', best: 40 };
    const html = withoutScripts(await pageOf([...training().slice(0, -1), best, ...NOTED, end]));
    expect(html).toContain('<h2>Stops, returns and overfitting</h2>');
    expect(html).toMatch(
      /<td class="right">20<\/td><td>shapes<\/td><td>stopped after step 20: accuracy was best, 0\.75 at step 2/,
    );
    expect(html).toMatch(/<td class="right">50<\/td><td>long-name<\/td><td>overfits since step 45/);
    expect(html).toContain('<td>40: nothing got better any more</td>');
    expect(html).toContain('<td>those of step 40, the best by shapes accuracy 0.750 on the validation split</td>');
    const without = withoutScripts(await pageOf(training()));
    expect(without).not.toContain('Stops, returns');
    expect(without).not.toContain('<td>weights</td>');
  });

  it('holds its curves and displays', async () => {
    const { log, galleries } = dataOf(await pageOf(training()));
    expect(log).toMatchObject({
      title: 'Run x',
      status: 'done',
      tasks: TASKS,
      step: 40,
      steps: 40,
      seconds: expect.closeTo(4),
    });
    expect(log.losses.points[1]).toEqual({
      step: 2,
      seconds: 0.2,
      values: { shapes: 1 / 2, notes: 10 / 2, 'a <third>': 100 / 2 },
      weights: { shapes: 8, notes: 8, 'a <third>': 8 },
    });
    expect(log.metrics.points).toEqual([
      {
        step: 40,
        seconds: expect.closeTo(4),
        values: Object.fromEntries(
          TASKS.flatMap((task) => [
            [`${task}/accuracy`, 0.75],
            [`${task}/loss`, 0.5],
          ]),
        ),
      },
    ]);
    const shown = [
      { parts: [{ kind: 'words', text: '</script>' }], predicted: 'disc' },
      { parts: [{ kind: 'picture', width: 1, height: 1, rgb: 'AQID' }] },
    ];
    expect(galleries).toEqual([{ task: 'shapes', step: 40, shown }]);
  });

  it('holds which experts serve which task, where there are some', async () => {
    expect(dataOf(await pageOf(training())).routes).toBeUndefined();
    const routing = [{ block: 'column-0/block-1', shares: { shapes: [2 / 3, 1 / 3], notes: [0, 1] } }];
    const blocks = [{ block: 'column-0/block-1', shares: { shapes: [0.6667, 0.3333], notes: [0, 1] } }];
    expect(dataOf(await pageOf(training(), routing)).routes).toEqual({ step: 40, blocks });
  });

  it('shows metrics, the updates, and what the run was', async () => {
    const html = await pageOf(training());
    expect(html).toContain('<title>Run x</title>');
    expect(html).toContain('<td>batch</td><td>8</td>');
    expect(html).toContain('<td>steps</td><td>40</td>');
    expect(html).toContain('<td>shapes</td><td class="right">0.875</td>');
    for (const text of ['learning rate', 'gradient norm']) expect(hasText(html, text), text).toBe(true);
    expect(withoutScripts(html)).not.toContain('NaN');
  });

  it('shows which task pulls against which, and in which block', async () => {
    const html = await pageOf(training());
    expect(html).toContain('Measured in 4 of 40 steps');
    const cells = cellsOf(html);
    expect(cells.get('shapes | notes')).toBe('−0.25');
    expect(cells.get('notes | shapes')).toBe('−0.25');
    expect(cells.get('a &lt;third&gt; | notes')).toBe('+0.20');
    expect(cells.has('shapes | shapes')).toBe(false);
    expect(cells.get('shapes · notes | block-0')).toBe('+0.50');
    expect(cells.get('shapes · notes | finish')).toBe('−0.75');
    expect(cells.get('notes · a &lt;third&gt; | finish')).toBe('−0.13');
    expect(cells.get('notes · a &lt;third&gt; | block-0')).toBe('0.00');
    expect(html).toContain('Most apart: shapes · notes in finish (−0.75).');
    expect(html).toContain('Most together: shapes · notes in block-0 (+0.50).');
  });

  it('takes what the balancing method saw where nothing was watched', async () => {
    const balance = { weights: { shapes: 1, notes: 2, 'a <third>': 3 }, ...comparison(0.5, 0.5, -0.5) };
    const html = await pageOf([{ kind: 'start', step: 0, steps: 1, tasks: TASKS }, step(1, { balance })]);
    expect(hasText(html, 'weight')).toBe(true);
    expect(cellsOf(html).get('notes | a &lt;third&gt;')).toBe('−0.50');
    expect(html).not.toContain('in each block');
  });

  it('of one task has no cosines, without gradients no such section, and without steps no curves', async () => {
    const alone = { norms: { shapes: 2 }, cosines: [[1]] };
    const watched = step(1, { gradients: { ...alone, blocks: { 'column-0/block-0': alone } } }, ['shapes']);
    const html = await pageOf([{ kind: 'start', step: 0, steps: 1, tasks: ['shapes'] }, watched]);
    expect(hasText(html, 'norm of the gradient over the trunk')).toBe(true);
    expect(html).not.toContain('mean cosine');
    expect(await pageOf(training(TASKS, false))).not.toContain('Gradients of the tasks');
    expect(await pageOf([])).not.toContain('<svg');
  });

  it('leaves out what JSON could not hold', async () => {
    const gone = null as unknown as number;
    const broken = step(2, { gradientNorm: gone, losses: { shapes: gone } });
    const html = await pageOf([{ kind: 'start', step: 0, steps: 2, tasks: ['shapes'] }, step(1), broken, step(3)]);
    expect(withoutScripts(html)).not.toMatch(/NaN|null/);
    expect(dataOf(html).log.losses.points.map(({ step, values }) => [step, values.shapes])).toEqual([
      [1, 1],
      [2, undefined],
      [3, 1 / 3],
    ]);
  });
});

describe('a mean cosine', () => {
  it('is that of the steps in which both tasks have a gradient', () => {
    const without = { norms: { a: 0, b: 1 }, cosines: [[0, 0]] };
    const one = { norms: { a: 1, b: 1 }, cosines: [[1, 0.5]] };
    expect(meanCosine([without, one], [0, 1])).toBe(0.5);
    expect(meanCosine([without], [0, 1])).toBeUndefined();
    expect(pairsOf(3)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(comparisonsOf(training()).map((of) => of.step)).toEqual([1, 11, 21, 31]);
  });
});

describe('the page about a run', () => {
  it('leads to that about its trunk, where there is one', async () => {
    const [without, there] = [await pageOf(training()), await pageOf(training(), [], 'trunk.html')];
    expect(there).toContain('<a href="trunk.html">The trunk</a>');
    expect(without).not.toContain('trunk.html');
  });
});

describe('a line', () => {
  const line = { name: 'a', points: Array.from({ length: 1001 }, (_, i) => ({ step: i + 1, value: i % 2 })) };

  it('is drawn from few points, the last one among them', () => {
    const { points } = thinned(line);
    expect(points.length).toBeLessThanOrEqual(401);
    expect(points.at(-1)).toEqual({ step: 1001, value: 0 });
  });

  it('is smoothed by the mean of the points around each, a twentieth of all', () => {
    const { points } = smoothed({ name: 'a', points: line.points.slice(0, 80) });
    expect(points).toHaveLength(80);
    expect(points[0]!.value).toBeCloseTo(1 / 3);
    expect(points[10]).toEqual({ step: 11, value: 2 / 5 });
    expect(points[11]).toEqual({ step: 12, value: 3 / 5 });
    expect(points[79]!.value).toBeCloseTo(2 / 3);
  });
});

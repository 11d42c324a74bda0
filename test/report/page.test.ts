import { describe, expect, it } from 'vitest';
import type { ColumnMeasurements } from '../../src/analysis/columns.ts';
import { columnsPage, columnsText, page, plot } from '../../src/report/index.ts';

const measured: ColumnMeasurements = {
  columns: [
    {
      kind: 'transformer',
      width: 128,
      depth: 2,
      tasks: ['old', 'older'],
      frozen: true,
      laterals: 'none',
      adapters: [],
      parameters: { own: 396_672, lateral: 0 },
      multiplyAdds: { own: 12_345_678, lateral: 0, prediction: 12_400_000 },
    },
    {
      kind: 'dense',
      width: 16,
      depth: 2,
      tasks: ['new'],
      frozen: false,
      laterals: 'nonlinear',
      adapters: [{ block: 1, column: 0, channels: 128 }],
      parameters: { own: 544, lateral: 2_305 },
    },
  ],
  sensitivities: [
    {
      task: 'new',
      column: 1,
      fisher: [
        [0.3125, 0],
        [0.6875, 1],
      ],
      perturbation: [
        [0.0004, 0],
        [0.9996, 1],
      ],
    },
  ],
};

/** Nothing that a browser would fetch or run. */
const expectOffline = (html: string) => expect(html).not.toMatch(/https?:|<script|<link|<img|@import|url\(|\son\w+=/i);

describe('a page', () => {
  it('holds titles, text, tables and pictures, escaped, and needs nothing but itself', () => {
    const html = page('A & B', [
      { title: '<first>', text: 'x < "y"', pictures: ['<svg xmlns="http://www.w3.org/2000/svg" width="1"></svg>'] },
      {
        title: 'second',
        tables: [{ title: 'all', columns: [{ title: 'a' }, { title: 'n', align: 'right' }], rows: [['<b>', '1']] }],
      },
    ]);
    expect(html).toContain('<title>A &amp; B</title>');
    expect(html).toContain(
      '<h2>&lt;first&gt;</h2>\n<p>x &lt; &quot;y&quot;</p>\n<div class="pictures"><svg width="1"></svg></div>',
    );
    expect(html).toContain('<caption>all</caption>');
    expect(html).toContain('<tr><td>&lt;b&gt;</td><td class="right">1</td></tr>');
    expect(html).toContain('color-scheme: light dark');
    expectOffline(html);
  });
});

describe('plot', () => {
  it('gives an SVG with the labels, in the colour of the text around it', async () => {
    const svg = await plot({
      title: 'three bars',
      data: {
        values: [
          { name: 'left', height: 2 },
          { name: 'right', height: 3 },
        ],
      },
      mark: 'bar',
      encoding: { x: { field: 'name', type: 'nominal' }, y: { field: 'height', type: 'quantitative' } },
    });
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    for (const label of ['three bars', 'left', 'right', 'height']) expect(svg).toContain(`>${label}</text>`);
    expect(svg).toMatch(/fill="currentColor"[^>]*>three bars</);
  });
});

describe('columns', () => {
  it('as text: a row for each column, and for each block how much the task listens', () => {
    expect(columnsText(measured)).toBe(
      `
column  kind         width  depth  tasks       state   parameters  lateral  multiply-adds  lateral  prediction
──────  ───────────  ─────  ─────  ──────────  ──────  ──────────  ───────  ─────────────  ───────  ──────────
0       transformer    128      2  old, older  frozen     396 672        0     12 345 678        0  12 400 000
1       dense           16      2  new         open           544    2 305              –        –           –

task new (column 1): average Fisher sensitivity
column  block 0  block 1
──────  ───────  ───────
0         0.313        0
1         0.688    1.000

task new (column 1): average perturbation sensitivity
column  block 0  block 1
──────  ───────  ───────
0         0.000        0
1         1.000    1.000
`.trim(),
    );
  });

  it('as a page: the same tables, with pictures where all is known', async () => {
    const html = await columnsPage('Columns of runs/x', measured);
    expectOffline(html);
    expect(html.match(/<table>/g)).toHaveLength(3);
    // Parameters and two heat maps; not all multiply-adds are known.
    expect(html.match(/<svg /g)).toHaveLength(3);
    for (const label of [
      'parameters',
      '2\u00a0849',
      'own',
      'lateral',
      'average Fisher sensitivity',
      '0.31',
      '0.69',
      'block',
    ])
      expect(html).toContain(`>${label}</text>`);
    const [first, second] = measured.columns;
    const counted = { ...second!, multiplyAdds: { own: 1, lateral: 2, prediction: 4 } };
    const whole = await columnsPage('Columns', { columns: [first!, counted], sensitivities: [] });
    expect(whole).toContain('>multiply-adds</text>');
  });
});

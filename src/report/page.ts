import type { Column } from './table.ts';

/** A table has titles and rows, for text and for pages. */
export interface Table {
  readonly title?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** A section is a part of a page: it has some of text, pictures and tables. */
export interface Section {
  readonly title: string;
  readonly text?: string;
  /** Each is an SVG. */
  readonly pictures?: readonly string[];
  readonly tables?: readonly Table[];
  /** Each leads to another page. */
  readonly links?: readonly { readonly text: string; readonly address: string }[];
  /** Each is the address of a sound that can be played, such as a `data:` one. */
  readonly sounds?: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; }
h1 { font-size: 1.4rem; }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #16181c; } }
`;

const SECTION_STYLE = `
section > h2 { font-size: 1.1rem; margin-top: 2.2rem; }
section > p { max-width: 44rem; margin: 1rem 0; }
.pictures, .tables { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; margin: 1rem 0; }
.pictures svg { max-width: 100%; height: auto; }
section > .tables, section > .pictures { max-width: 100%; overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; font-size: .9rem; padding-bottom: .3rem; }
th, td { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid #8884; }
th { font-weight: 600; } td.right, th.right { text-align: right; }
`;

/** Makes an HTML document that needs nothing but itself: no script, no link. */
export function page(title: string, sections: readonly Section[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${sectionsHtml(sections)}
</body>
</html>
`;
}

/** Makes sections with their style, for a page that has some of its own. */
export const sectionsHtml = (sections: readonly Section[]): string =>
  `<style>${SECTION_STYLE}</style>\n${sections.map(sectionHtml).join('\n')}`;

function sectionHtml({ title, text, links = [], pictures = [], tables = [], sounds = [] }: Section): string {
  const parts = [
    `<h2>${escaped(title)}</h2>`,
    ...(text === undefined ? [] : [`<p>${escaped(text)}</p>`]),
    ...links.map((link) => `<p><a href="${escaped(link.address)}">${escaped(link.text)}</a></p>`),
    ...(pictures.length === 0 ? [] : [`<div class="pictures">${pictures.map(inlineSvg).join('\n')}</div>`]),
    ...sounds.map((sound) => `<audio controls src="${escaped(sound)}"></audio>`),
    ...(tables.length === 0 ? [] : [`<div class="tables">${tables.map(tableHtml).join('\n')}</div>`]),
  ];
  return `<section>\n${parts.join('\n')}\n</section>`;
}

function tableHtml({ title, columns, rows }: Table): string {
  const cell = (kind: 'th' | 'td', text: string, { align }: Column) =>
    `<${kind}${align === 'right' ? ' class="right"' : ''}>${escaped(text)}</${kind}>`;
  const row = (kind: 'th' | 'td', cells: readonly string[]) =>
    `<tr>${columns.map((column, i) => cell(kind, cells[i] ?? '', column)).join('')}</tr>`;
  const titles = columns.map((column) => column.title);
  return [
    '<table>',
    ...(title === undefined ? [] : [`<caption>${escaped(title)}</caption>`]),
    `<thead>${row('th', titles)}</thead>`,
    `<tbody>${rows.map((cells) => row('td', cells)).join('\n')}</tbody>`,
    '</table>',
  ].join('\n');
}

/** Inside HTML an SVG needs no names of its languages. */
const inlineSvg = (svg: string): string => svg.replace(/ (?:xmlns(?::\w+)?|version)="[^"]*"/g, '');

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

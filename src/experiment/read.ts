import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { type Document, isMap, LineCounter, type Node } from 'yaml';
import { BanyanError } from '../error.ts';
import { assertFile, type FileLimit } from '../files/assert-file.ts';
import { fileError } from '../files/file-error.ts';
import { checkNodes, dataOf, type Fail, parse } from './nodes.ts';
import { importModule } from './plugins/import.ts';
import type { Path } from './problems.ts';

/** An experiment file as it stands, unchecked. */
export interface RawExperiment {
  readonly file: string;
  readonly data: unknown;
  /** Names a place in it for an error: the file, and the line of what stands at a path, or of the nearest section around it. */
  place(path: Path): string;
}

const READERS: Readonly<Record<string, (file: string) => Promise<RawExperiment>>> = {
  '.yaml': readText,
  '.yml': readText,
  '.json': readText,
  '.ts': readProgram,
  '.mts': readProgram,
  '.js': readProgram,
  '.mjs': readProgram,
};

/** @throws BanyanError `experiment` when the file cannot be read or is not what its ending says. */
export async function readExperiment(file: string): Promise<RawExperiment> {
  const reader = READERS[extname(file).toLowerCase()];
  if (reader === undefined) {
    throw new BanyanError(
      'experiment',
      `${file} is no experiment: expected a file that ends in ${Object.keys(READERS).join(', ')}. Rename it or choose another.`,
    );
  }
  return reader(file);
}

/** No experiment needs as much, and to parse it takes a second. */
const LIMIT: FileLimit = {
  most: 500_000,
  mend: 'Give the experiment alone: what is large belongs into files of its plugins.',
};

async function readText(file: string): Promise<RawExperiment> {
  assertFile('experiment', file, LIMIT);
  const bytes = await readFile(file).catch((cause) => {
    throw fileError('experiment', file, 'read', cause);
  });
  if (!isUtf8(bytes)) throw new BanyanError('experiment', `${file} is no text: expected UTF-8. Save it as UTF-8.`);
  const text = bytes.toString('utf8');
  // JSON is YAML, so that both have line numbers.
  const lines = new LineCounter();
  const fail: Fail = (position, what, cause) => {
    const { line } = lines.linePos(position);
    throw new BanyanError('experiment', `${file}, line ${Math.max(1, line)}: ${what}`, { cause });
  };
  const [document, second] = parse(text, lines, fail) as [Document.Parsed, Document.Parsed?];
  const language = extname(file).toLowerCase() === '.json' ? 'JSON' : 'YAML';
  const notThat = (what: string) => `this is not ${language}: ${what}`;
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) fail(error.pos[0], notThat(faultText(error.code, error.message)), error);
  if (second !== undefined)
    fail(
      second.range[0],
      notThat('expected one document, received several. Remove what begins with the second "---".'),
    );
  checkNodes(document, notThat, fail);
  const place = (path: Path): string => {
    let node = document.contents as Node | null;
    let start = node?.range?.[0];
    for (const key of path) {
      if (!isMap(node)) break;
      const pair = node.items.find((item) => String((item.key as { value?: unknown }).value) === String(key));
      if (pair === undefined) break;
      start = (pair.key as Node).range?.[0] ?? start;
      node = pair.value as Node | null;
    }
    return start === undefined ? file : `${file}, line ${lines.linePos(start).line}`;
  };
  return { file, data: dataOf(document, fail), place };
}

/** Says what the parser says, with a mend. */
function faultText(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return `${message}. Indent with spaces.`;
  if (code === 'TAG_RESOLVE_FAILED') return `${message}, expected plain values. Remove the tag.`;
  return `${message}. Correct this line.`;
}

async function readProgram(file: string): Promise<RawExperiment> {
  const module = await importModule(resolve(file), 'experiment', file);
  if (!('default' in module)) {
    throw new BanyanError(
      'experiment',
      `${file} exports ${Object.keys(module).join(', ') || 'nothing'}, expected the experiment as its default export. Write \`export default { … }\`.`,
    );
  }
  return { file, data: module.default, place: () => file };
}

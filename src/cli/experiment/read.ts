import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../file-error.ts';
import { importModule } from '../plugins/import.ts';
import type { Path } from './problems.ts';

/** An experiment file as it stands, unchecked. */
export interface RawExperiment {
  readonly file: string;
  readonly data: unknown;
  /** Line (from 1) of what stands at a path, or of the nearest section around it. */
  lineOf(path: Path): number | undefined;
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

async function readText(file: string): Promise<RawExperiment> {
  const bytes = await readFile(file).catch((cause) => {
    throw fileError('experiment', file, 'read', cause);
  });
  if (!isUtf8(bytes)) throw new BanyanError('experiment', `${file} is no text: expected UTF-8. Save it as UTF-8.`);
  const text = bytes.toString('utf8');
  const lines = new LineCounter();
  // JSON is YAML, so that both have line numbers.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const language = extname(file).toLowerCase() === '.json' ? 'JSON' : 'YAML';
  const fail = (position: number, what: string, cause?: unknown): never => {
    const { line } = lines.linePos(position);
    throw new BanyanError('experiment', `${file}, line ${line}: ${what}`, { cause });
  };
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined)
    fail(error.pos[0], `this is not ${language}: ${faultText(error.code, error.message)}`, error);
  checkNodes(document, fail);
  const lineOf = (path: Path): number | undefined => {
    let node = document.contents as Node | null;
    let start = node?.range?.[0];
    for (const key of path) {
      if (!isMap(node)) break;
      const pair = node.items.find((item) => String((item.key as { value?: unknown }).value) === String(key));
      if (pair === undefined) break;
      start = (pair.key as Node).range?.[0] ?? start;
      node = pair.value as Node | null;
    }
    return start === undefined ? undefined : lines.linePos(start).line;
  };
  let data: unknown;
  try {
    data = document.toJS();
  } catch (cause) {
    // Nothing of this is a fault of one place but aliases of aliases, which would fill the memory: the last one stands for them.
    fail(
      lastAlias(document),
      `aliases of aliases make this too large (${(cause as Error).message}). Write out what the aliases stand for.`,
      cause,
    );
  }
  return { file, data, lineOf };
}

/** What the parser says, with a mend. */
function faultText(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS')
    return 'expected one document, received several. Remove what begins with the second "---".';
  if (code === 'DUPLICATE_KEY') return `${message}. Remove one of the two.`;
  if (code === 'TAB_AS_INDENT') return `${message}. Indent with spaces.`;
  if (code === 'TAG_RESOLVE_FAILED') return `${message}, expected plain values. Remove the tag.`;
  return `${message}. Correct it.`;
}

type Fail = (position: number, what: string) => never;

/** What the parser lets pass, and no experiment can mean. */
function checkNodes(document: Document, fail: Fail): void {
  const at = (node: unknown) => (node as Node).range?.[0] ?? 0;
  visit(document, {
    Alias: (_, alias, path) => {
      const target = alias.resolve(document);
      if (target === undefined)
        fail(
          at(alias),
          `the alias *${alias.source} stands for nothing, expected an anchor before it. Set &${alias.source} there, or correct the name.`,
        );
      if (path.some((node) => node === target))
        fail(at(alias), `the alias *${alias.source} stands inside of what it stands for. Write out what it should be.`);
    },
    Pair: (_, { key }) => {
      if (isAlias(key)) return;
      if (!isScalar(key)) fail(at(key), 'a section or list is a key, expected a word. Name the key by a word.');
      else if (key.value === '<<')
        fail(at(key), 'it merges sections by "<<", which YAML 1.2 has not. Write out the keys.');
      else if (key.value === '__proto__') fail(at(key), '"__proto__" can be no key. Rename it.');
    },
  });
}

function lastAlias(document: Document): number {
  let position = 0;
  visit(document, {
    Alias: (_, { range }) => {
      position = Math.max(position, range?.[0] ?? 0);
    },
  });
  return position;
}

async function readProgram(file: string): Promise<RawExperiment> {
  const module = await importModule(resolve(file), 'experiment', file);
  if (!('default' in module)) {
    throw new BanyanError(
      'experiment',
      `${file} exports ${Object.keys(module).join(', ') || 'nothing'}, expected the experiment as its default export. Write \`export default { … }\`.`,
    );
  }
  return { file, data: module.default, lineOf: () => undefined };
}

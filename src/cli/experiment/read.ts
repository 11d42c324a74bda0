import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { BanyanError } from '../../error.ts';
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
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new BanyanError('experiment', `${file} cannot be read: ${why}. Check the path.`, { cause });
  });
  const lines = new LineCounter();
  // JSON is YAML, so that both have line numbers.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    const language = extname(file).toLowerCase() === '.json' ? 'JSON' : 'YAML';
    throw new BanyanError(
      'experiment',
      `${file}, line ${line}: this is not ${language}: ${error.message}. Correct it.`,
      { cause: error },
    );
  }
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
  return { file, data: document.toJS() as unknown, lineOf };
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

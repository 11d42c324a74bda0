import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import { FILES } from './copy-zip.ts';
import { isMedia, isSystem, labelOf, noFiles, warnOfOthers } from './media.ts';
import { openRows } from './open-rows.ts';
import { sourceFile } from './source-file.ts';
import type { Table, TableOptions, TableRow } from './table.ts';

/** Folders in folders. Where there are more, a link leads in a circle. */
const MOST_DEEP = 32;
const SHOWN = 3;

/**
 * Opens a folder of pictures or sounds, or a zip archive of them, as a table with the columns `file` (a path) and `label` (the
 * name of the folder below this one that the file is in, at any depth; null for a file that is in none). Files are ordered by name in a
 * folder, and as they come in an archive, which is unpacked into the cache once; a path may lead on into it: `birds.zip/owls`. Where one
 * folder of an archive holds all others, it begins there. The names of a folder are held in memory, some 100 bytes each.
 * Files of other endings are left out, with a warning; hidden ones without.
 * @throws BanyanError `data` for what is neither, and where there is no picture and no sound; else as `openTable`.
 */
export async function openFolder(
  path: string,
  options: Pick<TableOptions, 'signal' | 'onProgress'> = {},
): Promise<Table> {
  const { archive, inside } = archiveIn(path);
  if (archive !== undefined) return openZip(archive, inside, options);
  const files: string[][] = [];
  const others: string[] = [];
  await walk(path, [], (parts) => (isMedia(parts.at(-1)!) ? files.push(parts) : others.push(parts.join('/'))), options);
  warnOfOthers(path, others.slice(0, SHOWN), others.length);
  if (files.length === 0) throw noFiles(path);
  const row = (index: number): TableRow => {
    const parts = files[index];
    if (parts === undefined) {
      throw new BanyanError(
        'argument',
        `${path} has no file ${index}: expected a whole number from 0 to ${files.length - 1}. Ask for one of those.`,
      );
    }
    const file = join(path, ...parts);
    return { place: file, values: { file, label: labelOf(parts) } };
  };
  return {
    path,
    columns: ['file', 'label'],
    count: files.length,
    skipped: [],
    rows: async (indices) => indices.map(row),
    async *scan() {
      for (const index of files.keys()) yield row(index);
    },
    close: async () => {},
  };
}

/** Visits the files below a folder, by name; links as what they lead to. */
async function walk(
  root: string,
  parts: string[],
  visit: (parts: string[]) => void,
  options: Pick<TableOptions, 'signal'>,
): Promise<void> {
  options.signal?.throwIfAborted();
  const folder = join(root, ...parts);
  if (parts.length > MOST_DEEP) {
    throw new BanyanError(
      'data',
      `${folder}: expected at most ${MOST_DEEP} folders in each other, received more. Remove the link that leads in a circle.`,
    );
  }
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (isSystem(entry.name)) continue;
      const inside = [...parts, entry.name];
      const kind = entry.isSymbolicLink() ? await stat(join(root, ...inside)) : entry;
      if (kind.isDirectory()) await walk(root, inside, visit, options);
      else if (kind.isFile()) visit(inside);
    }
  } catch (cause) {
    throw fileError('data', folder, 'read', cause);
  }
}

/** Takes a path apart that leads to an archive, or into one. */
export function archiveIn(path: string): { readonly archive?: string; readonly inside: readonly string[] } {
  const [, archive, rest = ''] = /^(.*?\.zip)(?:[\\/](.*))?$/is.exec(path) ?? [];
  return archive === undefined
    ? { inside: [] }
    : { archive, inside: rest.split(/[\\/]/).filter((name) => name !== '') };
}

async function openZip(path: string, inside: readonly string[], options: TableOptions): Promise<Table> {
  const { folder, table } = await openRows(await sourceFile(path), { rows: 'json', copy: 'zip' }, options);
  const names: string[][] = [];
  for await (const { values } of table.scan()) names.push((values.file as string).split('/'));
  const root = rootOf(names);
  const begin = root === undefined || inside[0] === root ? inside : [root, ...inside];
  const lies = (parts: readonly string[]) => parts.length > begin.length && begin.every((name, i) => parts[i] === name);
  const places = Uint32Array.from(names.keys()).filter((row) => lies(names[row]!));
  if (places.length === 0) throw noFiles([path, ...inside].join('/'));
  const named = ({ values: { file } }: TableRow): TableRow => ({
    place: `${path}, ${file}`,
    values: {
      file: join(folder, FILES, file as string),
      label: labelOf((file as string).split('/').slice(begin.length)),
    },
  });
  return {
    ...table,
    count: places.length,
    rows: async (indices) => (await table.rows(indices.map((at) => places[at] ?? table.count))).map(named),
    async *scan() {
      for await (const row of table.scan()) if (lies((row.values.file as string).split('/'))) yield named(row);
    },
  };
}

/** The one folder that holds all folders of an archive, as many have it. */
function rootOf(names: readonly (readonly string[])[]): string | undefined {
  const [root] = names[0]!;
  return names.every((parts) => parts.length > 2 && parts[0] === root) ? root : undefined;
}

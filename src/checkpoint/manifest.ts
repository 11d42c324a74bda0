import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BanyanError } from '../error.ts';
import { whyOf } from '../files/file-error.ts';
import { unlessMissing } from '../files/unless-missing.ts';
import type { Json } from '../task/contract.ts';
import { checked } from './checked.ts';
import { isDeeperThan, jsonText } from './json.ts';

export const MANIFEST = 'manifest.json';
const VERSION = 2;

/** A longer text would hardly fit into a string; a saved network's is some kilobytes, and its vocabularies. */
const MOST_BYTES = 2 ** 28;
/** So that whoever walks through the content needs no care for the stack. */
const MOST_LEVELS = 200;

/** The digest's digits stand at one place in every manifest, so that it is checked before anything is parsed. */
const BEFORE = Buffer.from('{\n  "sha256": "');
const ZEROS = '0'.repeat(64);
const END = BEFORE.length + ZEROS.length;

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Of a manifest's whole text, its own digits as zeros. */
const ownDigest = (text: Uint8Array): string =>
  createHash('sha256').update(text.subarray(0, BEFORE.length)).update(ZEROS).update(text.subarray(END)).digest('hex');

/** A name that stays in its folder, and is no file of the folder's own. */
const isPlain = (name: string) => /^[A-Za-z0-9_-][\w.-]*$/.test(name) && name !== MANIFEST;

const digits = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.strictObject({
  sha256: digits,
  format: z.literal('banyan'),
  version: z.literal(VERSION),
  content: z.custom<Json>((value) => value !== undefined, 'expected what the files are'),
  files: z.record(
    z.string().refine(isPlain, 'expected the name of a file in this folder'),
    z.strictObject({ bytes: z.int().min(0), sha256: digits }),
  ),
});
export type Manifest = z.infer<typeof schema>;

/** The text of a manifest. @throws BanyanError `checkpoint` for content that could not be read back. */
export function manifestText(content: Json, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  if (isDeeperThan(MOST_LEVELS, content)) {
    throw new BanyanError(
      'checkpoint',
      `What is to be saved is nested deeper than ${MOST_LEVELS} lists and records, expected less. Make the state of the source, or the options, flatter.`,
    );
  }
  const listing = [...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: digestOf(bytes) }] as const);
  const manifest: Manifest = {
    sha256: ZEROS,
    format: 'banyan',
    version: VERSION,
    content,
    files: Object.fromEntries(listing),
  };
  const text = Buffer.from(jsonText(manifest));
  text.write(ownDigest(text), BEFORE.length, 'latin1');
  return text;
}

/** A manifest as it was written, every bit of it. @throws BanyanError `checkpoint` for one that was changed, or is none. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  const fail = (what: string, cause?: unknown): never => {
    throw new BanyanError('checkpoint', `${folder}: ${what}. Use another copy, or another checkpoint.`, { cause });
  };
  const unread = (cause: unknown) => fail(`expected a ${MANIFEST}, and it cannot be read: ${whyOf(cause)}`, cause);
  const found = await stat(path).catch(unread);
  if (!found.isFile()) fail(`${MANIFEST} is no regular file`);
  if (found.size > MOST_BYTES) fail(`${MANIFEST} has ${found.size} bytes, expected at most ${MOST_BYTES}`);
  const text = await readFile(path).catch(unread);
  if (!begins(text)) {
    if (isFirst(text)) throw otherVersion(folder, 'an earlier', 1, 'Train it anew, or go on with it in that version.');
    return fail(whatElse(text));
  }
  if (text.toString('latin1', BEFORE.length, END) !== ownDigest(text))
    fail(`${MANIFEST} is damaged: its sha256 is another one than it says`);
  const data = parsed(text) as { readonly version?: unknown } | null | undefined;
  if (typeof data?.version === 'number' && data.version > VERSION)
    throw otherVersion(folder, 'a later', data.version, 'Update banyan-ml.');
  if (isDeeperThan(MOST_LEVELS + 2, data)) fail(`${MANIFEST} is nested deeper than ${MOST_LEVELS} lists and records`);
  return checked(schema, data, path);
}

/** Whether a folder's manifest is one that was written here, if damaged. @throws the system's error. */
export async function isOurs(folder: string): Promise<boolean> {
  const path = join(folder, MANIFEST);
  const found = await unlessMissing(stat(path), undefined);
  if (!found?.isFile() || found.size > MOST_BYTES) return false;
  const text = await readFile(path);
  return begins(text) || text.includes('"format": "banyan"');
}

const begins = (text: Buffer) => text.subarray(0, BEFORE.length).equals(BEFORE);

/** What a text is that does not begin as a manifest. */
function whatElse(text: Buffer): string {
  const data = parsed(text) as Partial<Record<'format', unknown>> | null | undefined;
  if (data === undefined) return `${MANIFEST} is damaged: it is no JSON`;
  if (data?.format !== 'banyan') return `${MANIFEST} is not that of a saved network`;
  return `${MANIFEST} is damaged: its sha256 is not where it belongs`;
}

/** Whether a text is a manifest of the first format, which had no digest of its own. */
const isFirst = (text: Buffer): boolean => {
  const { format, version } = (parsed(text) ?? {}) as Partial<Record<'format' | 'version', unknown>>;
  return format === 'banyan' && version === 1;
};

const otherVersion = (folder: string, which: string, version: number, mend: string) =>
  new BanyanError(
    'checkpoint',
    `${folder} was written by ${which} version of Banyan (format ${version}), expected format ${VERSION}. ${mend}`,
  );

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

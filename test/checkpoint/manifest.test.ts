import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFolder, writeFolder } from '../../src/checkpoint/index.ts';
import type { Json } from '../../src/task/contract.ts';
import { temporaryFolder } from '../repository.ts';
import { sealed, sealedText } from './changed.ts';

const root = temporaryFolder();
let places = 0;
const place = () => join(root, String(++places));
const files = new Map([['a.bin', Uint8Array.of(1, 2, 3)]]);
const mend = 'Use another copy, or another checkpoint.';
const refusal = (folder: string) =>
  readFolder(folder).then(
    () => 'accepted',
    (error) => `${error.code}: ${error.message}`,
  );
const digest = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';
const listed = { 'a.bin': { bytes: 3, sha256: digest } };

it('a manifest is cut, longer, or of another version', async () => {
  const folder = place();
  await writeFolder(folder, files, 1);
  const path = join(folder, 'manifest.json');
  const whole = readFileSync(path);
  const told = (text: string | Buffer) => {
    writeFileSync(path, text);
    return refusal(folder);
  };
  expect(await told(Buffer.concat([whole, Buffer.from(' ')]))).toBe(
    `checkpoint: ${folder}: manifest.json is damaged: its sha256 is another one than it says. ${mend}`,
  );
  expect(await told(whole.subarray(0, 10))).toBe(
    `checkpoint: ${folder}: manifest.json is damaged: it is no JSON. ${mend}`,
  );
  expect(await told('{"name": "my app"}')).toBe(
    `checkpoint: ${folder}: manifest.json is not that of a saved network. ${mend}`,
  );
  expect(await told('{"format": "banyan", "version": 1, "files": {}}')).toBe(
    `checkpoint: ${folder} was written by an earlier version of Banyan (format 1), expected format 2. Train it anew, or go on with it in that version.`,
  );
  expect(await told(sealed({ format: 'banyan', version: 3, content: 1, files: {} }))).toBe(
    `checkpoint: ${folder} was written by a later version of Banyan (format 3), expected format 2. Update banyan-ml.`,
  );
});

it.each<[string, object, string]>([
  [
    'names a file elsewhere',
    { files: { '../../etc/passwd': listed['a.bin'] } },
    'files.../../etc/passwd is {"bytes":3,"sha256":"039058c6f2c0cb492c533b0a4d14ef77cc0f78a…, expected the name of a file in this folder',
  ],
  [
    'names itself',
    { files: { 'manifest.json': listed['a.bin'] } },
    'files.manifest.json is {"bytes":3,"sha256":"039058c6f2c0cb492c533b0a4d14ef77cc0f78a…, expected the name of a file in this folder',
  ],
  [
    'names a hidden file',
    { files: { '.next': listed['a.bin'] } },
    'files..next is {"bytes":3,"sha256":"039058c6f2c0cb492c533b0a4d14ef77cc0f78a…, expected the name of a file in this folder',
  ],
  [
    'has a size below zero',
    { files: { 'a.bin': { bytes: -1, sha256: digest } } },
    'files.a.bin.bytes is -1, expected number to be >=0',
  ],
  ['has no content', { content: undefined }, 'content is nothing, expected what the files are'],
  ['has more than it should', { more: 1 }, 'its content is {"sha256"'],
])('a manifest that %s is refused, if sealed', async (_, rest, said) => {
  const folder = place();
  await writeFolder(folder, files, 1);
  writeFileSync(
    join(folder, 'manifest.json'),
    sealed({ format: 'banyan', version: 2, content: 1, files: listed, ...rest }),
  );
  expect(await refusal(folder)).toContain(said);
});

it('only regular files are opened, and none of another size', async () => {
  const folder = place();
  mkdirSync(folder);
  const put = (name: string, bytes: number) =>
    writeFileSync(
      join(folder, 'manifest.json'),
      sealed({ format: 'banyan', version: 2, content: 1, files: { [name]: { bytes, sha256: digest } } }),
    );
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  put('pipe', 0);
  expect(await refusal(folder)).toBe(`checkpoint: ${folder}: pipe is no regular file. ${mend}`);
  symlinkSync('/dev/zero', join(folder, 'zeros'));
  put('zeros', 0);
  expect(await refusal(folder)).toBe(`checkpoint: ${folder}: zeros is no regular file. ${mend}`);
  writeFileSync(join(folder, 'large'), '');
  truncateSync(join(folder, 'large'), 2 ** 40); // Of zeros that take no room.
  put('large', 3);
  expect(await refusal(folder)).toBe(`checkpoint: ${folder}: large: expected 3 bytes, received ${2 ** 40}. ${mend}`);
  const other = place();
  mkdirSync(other);
  execFileSync('mkfifo', [join(other, 'manifest.json')]);
  expect(await refusal(other)).toBe(`checkpoint: ${other}: manifest.json is no regular file. ${mend}`);
});

it('what is nested too deep is not written, and not read', async () => {
  let deep: Json = 1;
  for (let level = 0; level < 201; level++) deep = [deep];
  const folder = place();
  await expect(writeFolder(folder, files, deep)).rejects.toMatchObject({
    code: 'checkpoint',
    message:
      'What is to be saved is nested deeper than 200 lists and records, expected less. Make the state of the source, or the options, flatter.',
  });
  mkdirSync(folder);
  const levels = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`;
  writeFileSync(
    join(folder, 'manifest.json'),
    sealedText(`"format": "banyan", "version": 2, "content": ${levels}, "files": {}}`),
  );
  expect(await refusal(folder)).toBe(
    `checkpoint: ${folder}: manifest.json is nested deeper than 200 lists and records. ${mend}`,
  );
});

import { truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assertFile } from '../../src/files/assert-file.ts';
import { showBytes } from '../../src/show.ts';
import { makeFifo, temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();

it('a file is read only where it is one, and is not too large', async () => {
  const refused = (path: string, kind: string) =>
    expect(() => assertFile('data', path)).toThrow(
      `${path} is ${kind}, expected a regular file. Write what it gives into a file, and name that one.`,
    );
  refused(makeFifo(folder), 'a FIFO');
  refused('/dev/zero', 'a device');
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  await new Promise((done) => server.once('listening', done));
  refused(socket, 'a socket');
  await new Promise((done) => server.close(done));

  const file = join(folder, 'file');
  writeFileSync(file, 'abc');
  truncateSync(file, 7e8);
  expect(() => assertFile('data', file)).not.toThrow();
  expect(() => assertFile('checkpoint', file, { most: 1e6, mend: 'Split it.' })).toThrow(
    `${file} has 700 MB, expected at most 1 MB: it is read whole. Split it.`,
  );
  // The reading tells these.
  expect(() => assertFile('data', join(folder, 'none'))).not.toThrow();
  expect(() => assertFile('data', folder, { most: 1, mend: '' })).not.toThrow();
});

it('bytes are shown in units', () => {
  expect([0, 1, 999, 1000, 1500, 15_500_000, 2 ** 30, 8e11, 4e30].map(showBytes)).toEqual([
    '0 bytes',
    '1 bytes',
    '999 bytes',
    '1 KB',
    '1.5 KB',
    '16 MB',
    '1.1 GB',
    '800 GB',
    '4000000000000 EB',
  ]);
});

import { spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readCsv, readIdx, readImage, readWav } from '../../src/data/index.ts';
import { makeFifo, root, temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const write = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
/** A file of so many zeros that takes no place. */
const sparse = (name: string, size: number, begin = new Uint8Array()): string => {
  const path = write(name, begin);
  truncateSync(path, size);
  return path;
};

/** The error that a reading of untrusted input ends in: within seconds, and before the memory has grown. */
async function refusal(read: () => unknown): Promise<string> {
  const [time, memory] = [process.cpuUsage(), process.memoryUsage.rss()];
  const error = await Promise.resolve()
    .then(read)
    .then(
      () => new Error('no error'),
      (reason: Error) => reason,
    );
  expect(error.name, error.stack).toBe('BanyanError');
  expect(process.cpuUsage(time).user / 1000).toBeLessThan(2000);
  expect(process.memoryUsage.rss() - memory).toBeLessThan(150e6);
  return error.message;
}

const header = (...shape: number[]): Buffer => {
  const bytes = Buffer.alloc(4 + 4 * shape.length);
  bytes.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) bytes.writeUInt32BE(size, 4 + 4 * i);
  return bytes;
};

/** Gzipped zeros after a header, put together from equal members, so that no test has to make them all. */
const packedZeros = (name: string, begin: Buffer, megabytes: number): string => {
  const member = gzipSync(Buffer.alloc(1e6));
  return write(name, Buffer.concat([gzipSync(begin), ...new Array<Buffer>(megabytes).fill(member)]));
};

it('a gzipped IDX file is inflated no further than its header announces', async () => {
  const bomb = packedZeros('bomb.gz', header(1000, 1000), 3000);
  expect(await refusal(() => readIdx(bomb))).toBe(
    `${bomb} has 3 MB, expected at most 2.1 MB: it is read whole. Its header announces fewer. Fetch the file again.`,
  );
  const trailing = packedZeros('trailing.gz', header(1000, 1000), 20);
  expect(await refusal(() => readIdx(trailing))).toBe(
    `${trailing}, byte 1000012: bytes trail. Expected 1000012 bytes for dimensions [1000, 1000], received 1000013 or more (inflated, if it was gzipped). Remove them, or fetch the file again.`,
  );
  const honest = packedZeros('honest.gz', header(3000, 1000, 1000), 3000);
  expect(await refusal(() => readIdx(honest))).toBe(
    `${honest}, byte 4: dimensions [3000, 1000, 1000] need 3 GB, expected at most 1.1 GB in a gzipped file, which is held in memory. Unpack it with gunzip: a plain file is read by ranges.`,
  );
  // The header itself would come after gigabytes of nothing.
  const late = write('late.gz', Buffer.concat(new Array<Buffer>(100_000).fill(gzipSync(Buffer.alloc(0)))));
  expect(await refusal(() => readIdx(late))).toMatch(/byte 0: expected the magic number .*, received no bytes/);
});

it('dimensions of an IDX file are a number of bytes', async () => {
  const large = new Array<number>(255).fill(0xffffffff);
  for (const shape of [large, [0, ...large.slice(1)], [3, 0xffffffff, 0xffffffff]]) {
    for (const bytes of [header(...shape), gzipSync(header(...shape))]) {
      const path = write('dimensions', bytes);
      const message = await refusal(() => readIdx(path));
      expect(message).toContain(
        `${path}, byte 4: expected dimensions of some numbers that a file has room for, received [`,
      );
      expect(message).toMatch(/ Fetch the file again\.$/);
    }
  }
  const beyond = write('beyond', header(0xffffffff, 1000));
  expect(await refusal(() => readIdx(beyond))).toBe(
    `${beyond}, byte 12: the file is truncated. Expected 4294967295012 bytes for dimensions [4294967295, 1000], received 12 (inflated, if it was gzipped). Fetch the file again.`,
  );
});

it('a CSV file that would fill the memory is refused by its size', async () => {
  const path = sparse('large.csv', 7e8);
  expect(await refusal(() => readCsv(path, { columns: ['a'] }))).toBe(
    `${path} has 700 MB, expected at most 64 MB: it is read whole. As rows it would take up to a hundred times as much memory. Split it.`,
  );
});

it('a sound is not larger than its file, nor the file than memory', async () => {
  const sound = Buffer.alloc(44);
  sound.write('RIFF', 0);
  sound.write('WAVEfmt ', 8);
  for (const [at, value] of [
    [16, 16],
    [24, 8000],
    [28, 16000],
    [40, 4e9],
  ] as const)
    sound.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    sound.writeUInt16LE(value, at);
  sound.write('data', 36);
  sound.writeUInt32LE(1.5e9, 40);
  const path = write('header.wav', sound);
  expect(await refusal(() => readWav(path))).toBe(
    `${path}, byte 40: expected a "data" chunk of 1500000000 bytes, received 0 bytes to the end of the file. Fetch the file again.`,
  );
  const large = sparse('large.wav', 1.5e9, sound);
  expect(await refusal(() => readWav(large))).toBe(
    `${large} has 1.5 GB, expected at most 320 MB: it is read whole. Cut the sound into shorter ones.`,
  );
});

it('a picture is not larger than any camera makes one', async () => {
  const blank = { create: { width: 16_000, height: 16_000, channels: 3, background: 'black' } } as const;
  const path = write('large.png', await sharp(blank).png().toBuffer());
  const options = { height: 8, width: 8, channels: 3 } as const;
  expect(await refusal(() => readImage(path, options))).toBe(
    `${path}: expected a picture file such as PNG or JPEG, received one that cannot be decoded (Input image exceeds pixel limit). Give a picture.`,
  );
  expect(await refusal(() => readImage(path, { ...options, height: 1e6, width: 1e6 }))).toBe(
    'readImage: expected a size of at most 250000000 pixels, received 1000000 x 1000000. Lower height or width.',
  );
}, 60_000);

it('what has no end is not opened', () => {
  const fifo = makeFifo(folder);
  // In a process of its own: a reading would wait for ever, and with it the tests.
  const program = ['--conditions=source', '--import', 'tsx', join(root, 'test/data/read-all.ts')];
  for (const [path, kind] of [
    [fifo, 'a FIFO'],
    ['/dev/zero', 'a device'],
  ]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...program, path!], { timeout: 60_000 });
    expect(status, String(stderr)).toBe(0);
    const refused = `${path} is ${kind}, expected a regular file. Write what it gives into a file, and name that one.`;
    expect(String(stdout).trim().split('\n')).toEqual(
      ['csv', 'idx', 'image', 'wav'].map((name) => `${name}: ${refused}`),
    );
  }
}, 120_000);

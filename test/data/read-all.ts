// Opens a path with each reader, and writes what they say.
import { readCsv, readIdx, readImage, readWav } from '../../src/data/index.ts';

const path = process.argv[2]!;
const readers: Readonly<Record<string, () => unknown>> = {
  csv: () => readCsv(path, { columns: ['a'] }),
  idx: () => readIdx(path),
  image: () => readImage(path, { height: 1, width: 1, channels: 1 }),
  wav: () => readWav(path),
};
for (const [name, read] of Object.entries(readers)) {
  const said = await Promise.resolve()
    .then(read)
    .then(
      () => 'read',
      (error: Error) => error.message,
    );
  process.stdout.write(`${name}: ${said}\n`);
}

// node --conditions=source --import tsx test/long/tables-child.ts FOLDER MEGABYTES
// Writes a CSV file, makes its index, reads all rows in order and many in any order; prints what memory it took.
import { join } from 'node:path';
import { openTable } from '../../src/data/index.ts';
import { permute } from '../../src/random/index.ts';
import { writeLargeTable } from './large-table.ts';

const [folder, megabytes] = process.argv.slice(2);
const path = join(folder!, 'large.csv');
const BATCH = 256;
const BATCHES = 2000;

const count = await writeLargeTable(path, Number(megabytes) * 1e6);

const peak = () => process.resourceUsage().maxRSS / 1000;
const written = peak();
const table = await openTable(path);
const indexed = peak();
let sum = 0;
let rows = 0;
for await (const { values } of table.scan()) {
  sum += Number(values.id);
  rows++;
}
const scanned = peak();
let wrong = 0;
for (let batch = 0; batch < BATCHES; batch++) {
  const indices = Array.from({ length: BATCH }, (_, i) => permute((batch * BATCH + i) % count, count, 1, 2));
  const read = await table.rows(indices);
  for (const [i, { values }] of read.entries()) if (Number(values.id) !== indices[i]) wrong++;
}
await table.close();
const isWhole = rows === count && table.count === count && sum === (count * (count - 1)) / 2;
console.log(JSON.stringify({ count, isWhole, wrong, written, indexed, scanned, peak: peak() }));

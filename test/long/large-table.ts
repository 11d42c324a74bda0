import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/**
 * Writes a CSV file of about so many bytes, with quotes in its streets, and notes of up to 139 words. Whether a note is long can be told from
 * its area.
 * @returns the number of its rows.
 */
export async function writeLargeTable(path: string, bytes: number): Promise<number> {
  const file = createWriteStream(path);
  file.write('id,area,street,note,long\n');
  let count = 0;
  for (let size = 0; size < bytes; ) {
    let lines = '';
    for (let i = 0; i < 5000; i++, count++) {
      const area = count % 997;
      lines += `${count},${area}.5,"Street ${count % 1000}, ""north""",${'text '.repeat(count % 140)},${area > 500 ? 'yes' : 'no'}\n`;
    }
    size += lines.length;
    if (!file.write(lines)) await new Promise<void>((done) => file.once('drain', () => done()));
  }
  file.end();
  await finished(file);
  return count;
}

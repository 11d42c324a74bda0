import { readFileSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { BanyanError } from 'banyan-ml';

// The places of the fields are those of the format's description (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16).
const [LOCAL, CENTRAL, END] = [30, 46, 22];
const END_MARK = 0x06054b50;

/**
 * Reads one file out of a small zip archive.
 * @throws BanyanError `data` for what is no such archive, for a name that it lacks, and for other bytes than its checksum says.
 */
export function readZipEntry(path: string, name: string): Buffer {
  const zip = readFileSync(path);
  const fail = (received: string): never => {
    throw new BanyanError(
      'data',
      `${path}: expected a zip archive with "${name}" in it, received ${received}. Fetch the file again.`,
    );
  };
  const within = (start: number, size: number) =>
    start + size <= zip.length ? zip.subarray(start, start + size) : fail('one that ends early');
  let end = zip.length - END;
  while (end >= 0 && zip.readUInt32LE(end) !== END_MARK) end--;
  if (end < 0) return fail(`${zip.length} bytes without an archive's end`);
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const entry = within(at, CENTRAL);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => entry.readUInt16LE(place)) as [
      number,
      number,
      number,
    ];
    const entryName = within(at + CENTRAL, nameLength).toString('utf8');
    if (entryName !== name) {
      names.push(entryName);
      at += CENTRAL + nameLength + extraLength + commentLength;
      continue;
    }
    const start = entry.readUInt32LE(42);
    const local = within(start, LOCAL);
    const content = start + LOCAL + local.readUInt16LE(26) + local.readUInt16LE(28);
    const bytes = inflated(within(content, entry.readUInt32LE(20)), entry.readUInt16LE(10), entry.readUInt32LE(24));
    if (bytes === undefined || crc32(bytes) !== entry.readUInt32LE(16))
      return fail('bytes that its checksum does not fit');
    return bytes;
  }
  return fail(`one with ${names.join(', ') || 'nothing'}`);
}

/** Gives what was packed, or undefined where it cannot be had. `method`: 0 is not packed, 8 deflated. */
function inflated(packed: Buffer, method: number, size: number): Buffer | undefined {
  if (method === 0) return packed;
  try {
    return method === 8 ? inflateRawSync(packed, { maxOutputLength: Math.max(1, size) }) : undefined;
  } catch {
    return undefined;
  }
}

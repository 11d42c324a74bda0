import type { WeightTensor } from '../../weight-file.ts';
import { Block, type Hdf5Bytes, limited } from './block.ts';
import { datasetOf } from './dataset.ts';
import { readMembers } from './group.ts';
import { MESSAGE, readMessages } from './messages.ts';

const SUPERBLOCK = 96;
const SIGNATURE = '\x89HDF\r\n\x1a\n';
const MOST_OBJECTS = 1_000_000;
/** In characters. */
const LONGEST_PATH = 4096;

/**
 * Reads which datasets an HDF5 file holds, by their paths such as `layers/dense/vars/0`; the numbers of one when they are asked for. Of
 * HDF5 it knows what h5py writes unless told otherwise, which is what Keras does: superblock 0, groups by symbol tables, datasets in one
 * piece.
 * @throws BanyanError `checkpoint` for a file that is damaged, or of a newer form.
 */
export async function readHdf5(bytes: Hdf5Bytes): Promise<ReadonlyMap<string, WeightTensor>> {
  const structure = limited(bytes);
  const superblock = await Block.read(structure, 0, SUPERBLOCK);
  superblock.assertSignature(SIGNATURE);
  const version = superblock.number(8, 1);
  if (version !== 0) superblock.fail(8, `${version}`, 'a superblock of version 0');
  for (const [at, what] of [
    [13, 'addresses'],
    [14, 'lengths'],
  ] as const) {
    const size = superblock.number(at, 1);
    if (size !== 8) superblock.fail(at, `${what} of ${size} bytes`, `${what} of 8 bytes`);
  }
  const datasets = new Map<string, WeightTensor>();
  const objects = new Map<number, WeightTensor | undefined>();
  const waiting: [path: string, address: number][] = [['', superblock.number(64, 8)]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [path, address] = next;
    if (path.length > LONGEST_PATH)
      superblock.fail(64, `a path of ${path.length} characters`, `at most ${LONGEST_PATH}`);
    // Groups may lie within themselves, and datasets have several names.
    if (!objects.has(address)) {
      const messages = await readMessages(structure, address);
      const symbols = messages.get(MESSAGE.symbolTable);
      objects.set(address, symbols === undefined ? datasetOf(bytes, messages) : undefined);
      const members = symbols === undefined ? [] : await readMembers(structure, symbols);
      for (const [name, member] of members) waiting.push([path === '' ? name : `${path}/${name}`, member]);
    }
    const dataset = objects.get(address);
    if (dataset !== undefined) datasets.set(path, dataset);
    if (datasets.size + waiting.length > MOST_OBJECTS)
      superblock.fail(64, `more than ${MOST_OBJECTS} objects`, 'a few thousand');
  }
  return new Map([...datasets].sort(([a], [b]) => (a < b ? -1 : 1)));
}

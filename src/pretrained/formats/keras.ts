import type { Entry } from 'yauzl';
import { loadPeer } from '../../data/peer.ts';
import { BanyanError } from '../../error.ts';
import { RangeFile } from '../../files/range-file.ts';
import type { WeightFile } from '../weight-file.ts';
import type { Hdf5Bytes } from './hdf5/block.ts';
import { readHdf5 } from './hdf5/read.ts';

/** The entry of a `.keras` archive that holds the weights. */
const WEIGHTS = 'model.weights.h5';
/** Before an entry's name in a zip archive. */
const LOCAL_HEADER = 30;
/** It begins with these bytes: PK, 3, 4. */
const LOCAL_SIGNATURE = 0x04034b50;

/** Opens the weights of a Keras 3 model as `save_weights` writes them, in HDF5. */
export const openKerasWeights = (path: string): Promise<WeightFile> => open(path, async (file) => file);

/**
 * Opens a Keras 3 model as `save` writes it: a zip archive in which the weights lie as they are.
 * @throws BanyanError `checkpoint` for an archive without them, `plugin` where yauzl is missing.
 */
export const openKerasArchive = (path: string): Promise<WeightFile> => open(path, weightsIn);

async function open(path: string, find: (file: RangeFile) => Promise<Hdf5Bytes>): Promise<WeightFile> {
  const file = await RangeFile.open('checkpoint', path);
  try {
    const all = await readHdf5(await find(file));
    // An optimiser's state has no place in a network.
    const tensors = new Map([...all].filter(([name]) => !name.startsWith('optimizer/')));
    return { path, format: 'keras', files: [path], tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function weightsIn(file: RangeFile): Promise<Hdf5Bytes> {
  const { path } = file;
  const { relativeOffsetOfLocalHeader: offset, uncompressedSize: size, compressionMethod } = await entryIn(path);
  if (compressionMethod !== 0) {
    throw new BanyanError(
      'checkpoint',
      `${path}: ${WEIGHTS} is packed, expected it as it is, as Keras writes it. Unpack the archive, and give ${WEIGHTS} itself.`,
    );
  }
  const header = await file.read(offset, LOCAL_HEADER);
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE)
    throw unreadable(path, `${WEIGHTS} does not begin at byte ${offset}`);
  const start = offset + LOCAL_HEADER + view.getUint16(26, true) + view.getUint16(28, true);
  return { path: `${path}, ${WEIGHTS}`, size, read: (begin, length) => file.read(start + begin, length) };
}

async function entryIn(path: string): Promise<Entry> {
  const yauzl = loadPeer<typeof import('yauzl')>('yauzl', `Reading ${path}`);
  const archive = await yauzl.openPromise(path, { autoClose: false }).catch((cause: Error) => {
    throw unreadable(path, cause.message, cause);
  });
  try {
    for await (const entry of archive.eachEntry()) if (entry.fileName === WEIGHTS) return entry;
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause);
  } finally {
    archive.close();
  }
  throw new BanyanError(
    'checkpoint',
    `${path} has no ${WEIGHTS} in it, expected what Keras 3 saves as .keras. Save the model again by Keras 3.`,
  );
}

const unreadable = (path: string, why: string, cause?: unknown) =>
  new BanyanError(
    'checkpoint',
    `${path}: expected a zip archive of Keras 3, received one that cannot be read (${why}). Save the model again.`,
    { cause },
  );

import { type StoredType, TYPES } from '../../../checkpoint/index.ts';
import type { WeightTensor } from '../../weight-file.ts';
import { type Block, type Hdf5Bytes, readWithin } from './block.ts';
import { MESSAGE } from './messages.ts';

// A dataset's shape, type and place (HDF5 File Format Specification 3.0, sections IV.A.2.b, d and i).

const FLOATS: Readonly<Record<number, StoredType>> = {
  2: TYPES.get('F16')!,
  4: TYPES.get('F32')!,
  8: TYPES.get('F64')!,
};
const CLASSES = ['whole numbers', 'floating-point numbers', 'times', 'texts'];
const LAYOUTS = ['in its header', 'in one piece', 'in chunks'];

/** Reads what a dataset is; undefined for an object that is none. */
export function datasetOf(bytes: Hdf5Bytes, messages: ReadonlyMap<number, Block>): WeightTensor | undefined {
  const [space, type, layout] = [MESSAGE.dataspace, MESSAGE.datatype, MESSAGE.layout].map((id) => messages.get(id));
  if (space === undefined || type === undefined || layout === undefined) return undefined;
  const shape = shapeOf(space);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(8 * count)) space.fail(0, `[${shape.join(', ')}]`, 'a shape whose numbers can be counted');
  return {
    shape,
    // What is wrong with one that nobody asks for is nobody's concern.
    read: async () => {
      const stored = typeOf(type);
      for (const id of [MESSAGE.filters, MESSAGE.externalFiles])
        messages.get(id)?.fail(0, 'packed numbers, or numbers in other files', 'numbers as they are');
      const data = await dataOf(bytes, layout, stored.bytes * count);
      return stored.read(new DataView(data.buffer, data.byteOffset, data.byteLength), count) as Float32Array;
    },
  };
}

function shapeOf(space: Block): readonly number[] {
  const [version, rank] = [space.number(0, 1), space.number(1, 1)];
  if (version !== 1 && version !== 2) space.fail(0, `${version}`, 'a dataspace of version 1 or 2');
  const begin = version === 1 ? 8 : 4;
  return Array.from({ length: rank }, (_, i) => space.number(begin + 8 * i, 8));
}

function typeOf(type: Block): StoredType {
  const kind = type.number(0, 1) & 15;
  const size = type.number(4, 4);
  const stored = FLOATS[size];
  if (kind !== 1 || stored === undefined || (type.number(1, 1) & 1) !== 0)
    type.fail(
      0,
      `${CLASSES[kind] ?? 'another type'} of ${size} bytes`,
      'little-endian floating-point numbers of 2, 4 or 8 bytes',
    );
  return stored!;
}

async function dataOf(bytes: Hdf5Bytes, layout: Block, length: number): Promise<Uint8Array> {
  const [version, kind] = [layout.number(0, 1), layout.number(1, 1)];
  if (version !== 3) layout.fail(0, `${version}`, 'a layout of version 3');
  if (kind !== 1) layout.fail(1, `numbers ${LAYOUTS[kind] ?? 'elsewhere'}`, 'numbers in one piece');
  if (length === 0) return new Uint8Array(0);
  const there = layout.number(10, 8);
  if (there !== length) layout.fail(10, `${there} bytes`, `${length} bytes`);
  const address = layout.address(2);
  if (address === undefined) return layout.fail(2, 'numbers that were never written', 'an address');
  return readWithin(bytes, address, length);
}

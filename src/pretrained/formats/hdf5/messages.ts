import { Block, type Hdf5Bytes } from './block.ts';

// An object of HDF5, a group or a dataset, is a header of messages (HDF5 File Format Specification 3.0, section IV.A.1.a).

/** The types of the messages that are looked at. */
export const MESSAGE = {
  dataspace: 0x01,
  datatype: 0x03,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  continuation: 0x10,
  symbolTable: 0x11,
} as const;

const PREFIX = 16;
const MESSAGE_PREFIX = 8;
/** In bytes: more than any header has, with all of its blocks. */
const MOST_BYTES = 1024 ** 2;
const TYPES: ReadonlySet<number> = new Set(Object.values(MESSAGE));

/** Reads the messages of the object at an address, the first of each type that is looked at. */
export async function readMessages(bytes: Hdf5Bytes, address: number): Promise<ReadonlyMap<number, Block>> {
  const prefix = await Block.read(bytes, address, PREFIX);
  const version = prefix.number(0, 1);
  if (version !== 1) prefix.fail(0, `${version}`, 'an object header of version 1');
  const messages = new Map<number, Block>();
  const blocks: [begin: number, length: number][] = [[address + PREFIX, prefix.number(8, 4)]];
  let total = 0;
  for (let i = 0; i < blocks.length; i++) {
    const [begin, length] = blocks[i]!;
    total += length;
    if (total > MOST_BYTES) prefix.fail(8, `a header of ${total} bytes or more`, `at most ${MOST_BYTES} bytes`);
    const block = await Block.read(bytes, begin, length);
    for (let at = 0; at + MESSAGE_PREFIX <= block.length; ) {
      const [type, size] = [block.number(at, 2), block.number(at + 2, 2)];
      const data = block.part(at + MESSAGE_PREFIX, size);
      if (type === MESSAGE.continuation) blocks.push([data.number(0, 8), data.number(8, 8)]);
      else if (TYPES.has(type) && !messages.has(type)) messages.set(type, block.copy(at + MESSAGE_PREFIX, size));
      at += MESSAGE_PREFIX + size;
    }
  }
  return messages;
}

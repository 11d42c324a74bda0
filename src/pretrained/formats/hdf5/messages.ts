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
/** More blocks than any header has. */
const MOST_BLOCKS = 10_000;

/** Reads the messages of the object at an address, the first of each type. */
export async function readMessages(bytes: Hdf5Bytes, address: number): Promise<ReadonlyMap<number, Block>> {
  const prefix = await Block.read(bytes, address, PREFIX);
  const version = prefix.number(0, 1);
  if (version !== 1) prefix.fail(0, `${version}`, 'an object header of version 1');
  const messages = new Map<number, Block>();
  const blocks: [begin: number, length: number][] = [[address + PREFIX, prefix.number(8, 4)]];
  for (let i = 0; i < blocks.length; i++) {
    const block = await Block.read(bytes, ...blocks[i]!);
    for (let at = 0; at + MESSAGE_PREFIX <= block.length; ) {
      const [type, size] = [block.number(at, 2), block.number(at + 2, 2)];
      const data = block.part(at + MESSAGE_PREFIX, size);
      if (type === MESSAGE.continuation) blocks.push([data.number(0, 8), data.number(8, 8)]);
      else if (!messages.has(type)) messages.set(type, data);
      at += MESSAGE_PREFIX + size;
    }
    if (blocks.length > MOST_BLOCKS) block.fail(0, 'a circle of blocks', 'the end of a header');
  }
  return messages;
}

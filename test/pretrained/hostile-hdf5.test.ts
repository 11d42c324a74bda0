// HDF5 made to exhaust whoever reads it: small files whose parts name each other again and again.
import { expect, it } from 'vitest';
import { readHdf5 } from '../../src/pretrained/formats/hdf5/read.ts';

const SIZE = 4 * 1024 ** 2;
const [ROOT, TREE, NODE, HEAP, NAMES, DATASET] = [96, 1024, 2048, 4096, 8192, 16_384];
const [DATASPACE, DATATYPE, LAYOUT, CONTINUATION, SYMBOL_TABLE] = [0x01, 0x03, 0x08, 0x10, 0x11];

/** A file whose root is a group with the members `first` and `second`, which are the same dataset of no numbers. */
class Hostile {
  readonly bytes = Buffer.alloc(SIZE);

  constructor() {
    this.text(0, '\x89HDF\r\n\x1a\n').bytes.fill(8, 13, 15);
    this.address(64, ROOT);
    this.header(ROOT, [SYMBOL_TABLE, TREE, HEAP]);
    this.text(HEAP, 'HEAP')
      .address(HEAP + 8, 4096)
      .address(HEAP + 24, NAMES);
    this.text(NAMES, 'first\0second\0');
    this.tree(NODE);
    this.node([0, DATASET], [6, DATASET]);
    this.header(DATASET, [DATASPACE, 0x0101, 0, 0], [DATATYPE, 0x11, 4], [LAYOUT, 0x0103, 0, 0]);
  }

  text(at: number, text: string): this {
    this.bytes.write(text, at, 'latin1');
    return this;
  }

  address(at: number, address: number): this {
    this.bytes.writeBigUInt64LE(BigInt(address), at);
    return this;
  }

  /** A header of messages; each has a type and 8 bytes for each number. */
  header(at: number, ...messages: readonly (readonly [type: number, ...numbers: number[]])[]): this {
    let end = at + 16;
    for (const [type, ...numbers] of messages) {
      this.bytes.writeUInt16LE(type, end);
      this.bytes.writeUInt16LE(8 * numbers.length, end + 2);
      for (const [i, number] of numbers.entries()) this.address(end + 8 + 8 * i, number);
      end += 8 + 8 * numbers.length;
    }
    this.bytes[at] = 1;
    this.bytes.writeUInt32LE(end - at - 16, at + 8);
    return this;
  }

  tree(...children: readonly number[]): this {
    this.text(TREE, 'TREE').bytes.writeUInt16LE(children.length, TREE + 6);
    for (const [i, child] of children.entries()) this.address(TREE + 24 + 16 * i + 8, child);
    return this;
  }

  node(...symbols: readonly (readonly [name: number, address: number])[]): this {
    this.text(NODE, 'SNOD').bytes.writeUInt16LE(symbols.length, NODE + 6);
    for (const [i, [name, address]] of symbols.entries())
      this.address(NODE + 8 + 40 * i, name).address(NODE + 16 + 40 * i, address);
    return this;
  }

  /** How many bytes of it are read before its tensors are known, or it is refused. */
  async read(): Promise<{ readonly names: readonly string[]; readonly fault?: string; readonly count: number }> {
    let count = 0;
    const read = async (begin: number, length: number) => {
      count += length;
      return this.bytes.subarray(begin, begin + length);
    };
    try {
      return { names: [...(await readHdf5({ path: 'hostile', size: SIZE, read })).keys()], count };
    } catch (error) {
      return { names: [], fault: (error as Error).message, count };
    }
  }
}

it('a sound file of that form is read, an object of two names once', async () => {
  const { names, count, fault } = await new Hostile().read();
  expect(fault).toBeUndefined();
  expect(names).toEqual(['first', 'second']);
  expect(count).toBeLessThan(5000);
});

it.each([
  [
    'a node twice',
    (file: Hostile) => file.tree(NODE, NODE),
    'expected another child, received the child at byte 2048 again',
  ],
  [
    'more members than a group has',
    (file: Hostile) => {
      const nodes = Array.from({ length: 20 }, (_, i) => 100_000 + 40 * i);
      for (const node of nodes) file.text(node, 'SNOD').bytes.writeUInt16LE(65_535, node + 6);
      // No member has a name.
      return file.text(NAMES, '\0').tree(...nodes);
    },
    'received parts that lie in each other',
  ],
  [
    'one long name for many members',
    (file: Hostile) => {
      file.text(NAMES, 'n'.repeat(4000));
      return file.node([0, DATASET], [1, DATASET]);
    },
    'expected 4096 bytes of names, received names that lie in each other',
  ],
  [
    'a path without an end',
    (file: Hostile) => {
      file.address(HEAP + 8, 8000).text(NAMES, 'n'.repeat(5000));
      return file.node([0, DATASET]);
    },
    'expected at most 4096, received a path of 5000 characters',
  ],
  [
    'a header as long as the file',
    (file: Hostile) => {
      file.bytes.writeUInt32LE(SIZE - DATASET - 16, DATASET + 8);
      return file;
    },
    'expected at most 1048576 bytes, received a header of',
  ],
  [
    'a header that goes on in itself',
    (file: Hostile) => file.header(DATASET, [CONTINUATION, DATASET + 16, 24]),
    'expected at most 1048576 bytes, received a header of',
  ],
  [
    'one long block for many headers',
    (file: Hostile) => {
      const objects = Array.from({ length: 40 }, (_, i) => DATASET + 64 * i);
      for (const object of objects) file.header(object, [CONTINUATION, 2_000_000, 1_000_000]);
      return file.node(...objects.map((object, i) => [12 + i, object] as const));
    },
    'received parts that lie in each other',
  ],
])('is refused for %s, before much is read', async (_, change, fault) => {
  const { fault: found, count } = await change(new Hostile()).read();
  expect(found).toContain(fault);
  expect(count).toBeLessThanOrEqual(2 * SIZE);
});

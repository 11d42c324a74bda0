import { Block, type Hdf5Bytes } from './block.ts';

// The members of a group: a B-tree of nodes of symbols (HDF5 File Format Specification 3.0, sections III.A.1, III.B and III.D).

const TREE_PREFIX = 24;
const NODE_PREFIX = 8;
const SYMBOL = 40;
const HEAP_PREFIX = 32;
const MOST_LEVELS = 64;
const MOST_MEMBERS = 1_000_000;
/** In bytes, of all members together. */
const MOST_NAMES = 64 * MOST_MEMBERS;

/** Reads the names and addresses of a group's members. `symbolTable`: the message of that type. */
export async function readMembers(
  bytes: Hdf5Bytes,
  symbolTable: Block,
): Promise<readonly (readonly [name: string, address: number])[]> {
  const heap = await Block.read(bytes, symbolTable.number(8, 8), HEAP_PREFIX);
  heap.assertSignature('HEAP');
  const length = heap.number(8, 8);
  if (length > MOST_NAMES) heap.fail(8, `${length} bytes of names`, `at most ${MOST_NAMES}`);
  const names = await Block.read(bytes, heap.number(24, 8), length);
  const members: (readonly [string, number])[] = [];
  const visited = new Set<number>();
  let named = 0;
  const visit = async (address: number, level: number): Promise<void> => {
    const prefix = await Block.read(bytes, address, TREE_PREFIX);
    prefix.assertSignature('TREE');
    const [type, depth, count] = [prefix.number(4, 1), prefix.number(5, 1), prefix.number(6, 2)];
    if (type !== 0) prefix.fail(4, `a tree of type ${type}`, 'a tree of symbols, type 0');
    if (depth >= level) prefix.fail(5, `level ${depth}`, `a level below ${level}`);
    // Keys and children in turn.
    const entries = await Block.read(bytes, address + TREE_PREFIX, 16 * count);
    for (let i = 0; i < count; i++) {
      const child = entries.number(16 * i + 8, 8);
      if (visited.has(child)) entries.fail(16 * i + 8, `the child at byte ${child} again`, 'another child');
      visited.add(child);
      if (depth > 0) await visit(child, depth);
      else await addSymbols(child);
    }
  };
  const addSymbols = async (address: number): Promise<void> => {
    const prefix = await Block.read(bytes, address, NODE_PREFIX);
    prefix.assertSignature('SNOD');
    const count = prefix.number(6, 2);
    if (members.length + count > MOST_MEMBERS) prefix.fail(6, `more than ${MOST_MEMBERS} members`, 'a few thousand');
    const symbols = await Block.read(bytes, address + NODE_PREFIX, SYMBOL * count);
    for (let at = 0; at < symbols.length; at += SYMBOL) {
      const name = names.text(symbols.number(at, 8));
      // Each member has its name for itself.
      named += name.length;
      if (named > names.length) symbols.fail(at, 'names that lie in each other', `${names.length} bytes of names`);
      members.push([name, symbols.number(at + 8, 8)]);
    }
  };
  await visit(symbolTable.number(0, 8), MOST_LEVELS);
  return members;
}

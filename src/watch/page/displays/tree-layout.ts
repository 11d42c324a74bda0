/** A node of a tree, placed: leaves stand beside each other, a bracket over the middle of what it holds. */
export interface TreeNode {
  readonly label: string;
  /** In leaves from the left, and in brackets from the top. */
  readonly x: number;
  readonly y: number;
  readonly isLeaf: boolean;
  readonly children: readonly TreeNode[];
}

/** A tree, how many leaves it has, and how many brackets are within each other. */
export interface TreeLayout {
  readonly root: TreeNode;
  readonly leaves: number;
  readonly depth: number;
}

const PART = /\([^\s()]+|\)|[^\s()]+/g;

/**
 * Places a tree that is written in brackets, such as `(S (NP DT NN) (VP VBZ))`; undefined for any other text, one with brackets that do not
 * close among them. `words`: what stands at the leaves, if there are as many.
 */
export function layTree(text: string, words: readonly string[] = []): TreeLayout | undefined {
  if (!/^\([^\s()]+\s/.test(text)) return undefined;
  const leaves = (text.match(PART) ?? []).filter((part) => !part.startsWith('(') && part !== ')').length;
  const named = words.length === leaves;
  let [leaf, depth] = [0, 0];
  const open: { readonly label: string; readonly children: TreeNode[] }[] = [];
  for (const { 0: part, index } of text.matchAll(PART)) {
    if (part.startsWith('(')) {
      open.push({ label: part.slice(1), children: [] });
      depth = Math.max(depth, open.length);
      continue;
    }
    const top = open.at(-1);
    if (top === undefined) return undefined;
    if (part !== ')') {
      const label = named ? words[leaf]! : part;
      top.children.push({ label, x: leaf++, y: open.length, isLeaf: true, children: [] });
      continue;
    }
    open.pop();
    const { label, children } = top;
    if (children.length === 0) return undefined;
    const node = { label, x: (children[0]!.x + children.at(-1)!.x) / 2, y: open.length, isLeaf: false, children };
    const parent = open.at(-1);
    if (parent !== undefined) parent.children.push(node);
    else return index === text.trimEnd().length - 1 ? { root: node, leaves, depth } : undefined;
  }
  return undefined;
}

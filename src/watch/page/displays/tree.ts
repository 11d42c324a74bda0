import type { TreeLayout, TreeNode } from './tree-layout.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Pixels between two leaves, and between two levels. */
const [STEP, LEVEL] = [68, 38];

/** Draws a tree with its root at the top. */
export function treeDrawing({ root, leaves, depth }: TreeLayout): SVGElement {
  const [width, height] = [leaves * STEP, (depth + 1) * LEVEL];
  const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, class: 'tree', role: 'img' });
  drawing.setAttribute('aria-label', 'Tree');
  const place = ({ x, y }: TreeNode) => [(x + 0.5) * STEP, (y + 0.5) * LEVEL] as const;
  const draw = (node: TreeNode) => {
    const [x, y] = place(node);
    for (const child of node.children) {
      const [x2, y2] = place(child);
      drawing.append(svg('line', { x1: x, y1: y + 6, x2, y2: y2 - 10 }));
      draw(child);
    }
    const text = svg('text', { x, y: y + 4, class: node.isLeaf ? 'leaf' : 'label' });
    text.textContent = node.label;
    drawing.append(text);
  };
  draw(root);
  return drawing;
}

function svg(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const created = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, String(value));
  return created;
}

import { describe, expect, it } from 'vitest';
import { layTree } from '../../src/watch/page/displays/tree-layout.ts';

describe('a tree in brackets', () => {
  it('has its leaves beside each other, and each bracket over the middle of what it holds', () => {
    const { root, leaves, depth } = layTree('(root * (obj (amod *) *))', ['show', 'cheap', 'flights'])!;
    expect([leaves, depth]).toEqual([3, 3]);
    expect([root.label, root.x, root.y]).toEqual(['root', 0.75, 0]);
    const [show, obj] = root.children;
    expect(show).toEqual({ label: 'show', x: 0, y: 1, isLeaf: true, children: [] });
    expect([obj!.label, obj!.x, obj!.y]).toEqual(['obj', 1.5, 1]);
    expect(obj!.children[0]).toMatchObject({ label: 'amod', x: 1, y: 2, children: [{ label: 'cheap', x: 1, y: 3 }] });
    expect(obj!.children[1]).toMatchObject({ label: 'flights', x: 2, y: 2, isLeaf: true });
  });

  it('keeps its own leaves where there are other words', () => {
    expect(layTree('(NP DT NN)', ['a'])!.root.children.map(({ label }) => label)).toEqual(['DT', 'NN']);
  });

  it.each(['', 'a (good) day', '(yes)', '(a * (b *)', '(a *) *', '(a *) (b *)', '(a *)) x', '(a () *)', '(a (b) *)'])(
    'is not %j',
    (text) => {
      expect(layTree(text)).toBeUndefined();
    },
  );
});

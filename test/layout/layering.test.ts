import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';

const files = (folder: string) => filesIn(folder, /\.(ts|mjs)$/);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports of a file: relative ones as paths from the root, others as they are. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)(\s+type)?\b[^;'"]*?from\s+'([^']+)'/gms),
    ...text.matchAll(/(?:^import|import\()(\s*)'([^']+)'/gm),
  ];
  return found.map(([, type, to]) => ({
    from: file,
    to: to!.startsWith('.') ? relative(root, resolve(root, dirname(file), to!)) : to!,
    typeOnly: (type ?? '').trim() === 'type',
  }));
}

const source = files('src').flatMap(importsOf);
const room = (path: string) =>
  path.startsWith('src/') ? (path.split('/').length > 2 ? path.split('/')[1]! : 'root') : undefined;

// From the bottom up; a room may import from its own tier and from those below.
const tiers = [
  ['files', 'runtime', 'random', 'kind'],
  ['trunk', 'layers', 'loss', 'task'],
  ['network', 'balance', 'optimise', 'evaluate', 'analysis', 'checkpoint', 'data'],
  ['report', 'train', 'testing', 'watch'],
  ['experiment'],
  ['study'],
  ['cli'],
];
const tierOf = (name: string) => tiers.findIndex((tier) => tier.includes(name));

describe('the rooms of src/', () => {
  it('are all placed', () => {
    const rooms = new Set(files('src').map(room));
    rooms.delete('root');
    for (const name of rooms) expect(tierOf(name!), name).toBeGreaterThanOrEqual(0);
  });

  it('import from their own tier or below', () => {
    const upward = source.filter(({ from, to }) => {
      const [a, b] = [room(from), room(to)];
      return (
        a !== undefined &&
        b !== undefined &&
        a !== 'root' &&
        (b === 'root' ? to === 'src/index.ts' : tierOf(b) > tierOf(a))
      );
    });
    expect(upward.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('have no circle of rooms, types aside', () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to, typeOnly } of source) {
      const [a, b] = [room(from), room(to)];
      if (typeOnly || a === undefined || b === undefined || a === b || a === 'root' || b === 'root') continue;
      edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const circles: string[] = [];
    const walk = (at: string, path: readonly string[]): void => {
      if (path.includes(at)) circles.push([...path.slice(path.indexOf(at)), at].join(' → '));
      else for (const next of edges.get(at) ?? []) walk(next, [...path, at]);
    };
    for (const start of edges.keys()) walk(start, []);
    expect([...new Set(circles)]).toEqual([]);
  });

  it('have no circle of files, types aside', () => {
    const next = new Map<string, string[]>();
    for (const { from, to, typeOnly } of source)
      if (!typeOnly && to.startsWith('src/')) next.set(from, [...(next.get(from) ?? []), to]);
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const walk = (at: string, path: readonly string[]): void => {
      if (state.get(at) === 'open') circles.push([...path.slice(path.indexOf(at)), at].join(' → '));
      if (state.has(at)) return;
      state.set(at, 'open');
      for (const to of next.get(at) ?? []) walk(to, [...path, at]);
      state.set(at, 'done');
    };
    for (const file of next.keys()) walk(file, []);
    expect(circles).toEqual([]);
  });

  it('know no modality, no head, no task and no data set', () => {
    const inward = source.filter(({ to }) => /^(heads|tasks|examples)\//.test(to) || /^banyan-ml/.test(to));
    expect(inward.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

describe('heads/ and tasks/', () => {
  it("import only what a stranger's package could", () => {
    const allowed = /^(banyan-ml(\/[\w/-]+)?|@tensorflow\/tfjs|inversify|rxjs|node:[\w/]+|heads\/.+|tasks\/.+)$/;
    const others = [...files('heads'), ...files('tasks')].flatMap(importsOf).filter(({ from, to }) => {
      const leavesItsFolder = /^(heads|tasks)\//.test(to) && to.split('/')[0] !== from.split('/')[0];
      return !allowed.test(to) || leavesItsFolder;
    });
    expect(others.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

describe('the command line', () => {
  it('knows no built-in task but by the name of its plugin', () => {
    const cli = files('src/cli').map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
    const names =
      /['"`](catch|chord|space-invaders|clothing|multi-clothing-left|multi-clothing-right|digits|spoken-digits|instruments|intents|shapes|notes|sentences|tempo)['"`]/;
    expect(cli.filter(([, text]) => names.test(text)).map(([file]) => file)).toEqual([]);
  });

  it('is started by a bootstrap without imports outside node:', () => {
    const imports = importsOf('src/cli/bootstrap.mjs').map(({ to }) => to);
    expect(imports.filter((to) => !to.startsWith('node:'))).toEqual([]);
  });
});

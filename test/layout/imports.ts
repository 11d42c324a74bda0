// What files import, and the rules that hold for it. Each rule gives the imports that break it.
import { dirname, posix } from 'node:path';

/** Texts of files, by their paths from the repository's root. */
export type Files = Readonly<Record<string, string>>;

export interface Import {
  readonly from: string;
  /** A path from the root for a relative import, else the name as it is written. */
  readonly to: string;
  readonly typeOnly: boolean;
}

export function importsOf(files: Files): Import[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const found = [
      ...text.matchAll(/^(?:import|export)(\s+type)?\b[^;'"]*?from\s+'([^']+)'/gms),
      ...text.matchAll(/(?:^import|import\()(\s*)'([^']+)'/gm),
    ];
    return found.map(([, type, name]) => ({
      from: file,
      to: name!.startsWith('.') ? posix.join(dirname(file), name!) : name!,
      typeOnly: (type ?? '').trim() === 'type',
    }));
  });
}

/** The room of a file of src/: its folder, `root` for a file directly in src/. */
export const roomOf = (path: string): string | undefined =>
  path.startsWith('src/') ? (path.split('/').length > 2 ? path.split('/')[1]! : 'root') : undefined;

const arrow = ({ from, to }: Import) => `${from} → ${to}`;

/** Files directly in src/ that hand out what others made; the other ones there serve all. */
const ENTRIES = ['src/index.ts', 'src/plugin.ts'];

/** Imports of a room in a tier above one's own, or of an entry of the package. */
export function upward(imports: readonly Import[], tiers: readonly (readonly string[])[]): string[] {
  const tierOf = (room: string) => tiers.findIndex((tier) => tier.includes(room));
  return imports
    .filter(({ from, to }) => {
      const [here, there] = [roomOf(from), roomOf(to)];
      if (here === undefined || there === undefined || here === 'root') return false;
      return there === 'root' ? ENTRIES.includes(to) : tierOf(there) > tierOf(here);
    })
    .map(arrow);
}

/** Circles in a graph, each as its nodes: groups in which each node can be reached from each other (Tarjan 1972). */
export function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const [index, low] = [new Map<string, number>(), new Map<string, number>()];
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || edges.get(node)?.has(node)) found.push(group.sort().join(' ⇄ '));
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}

function edgesBetween(pairs: readonly (readonly [from: string, to: string])[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const [from, to] of pairs) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

/** Circles of files of src/, imports of types counted. */
export const circlesOfFiles = (imports: readonly Import[]): string[] =>
  circles(edgesBetween(imports.filter(({ to }) => to.startsWith('src/')).map(({ from, to }) => [from, to])));

/** Circles of rooms of src/, imports of types counted. Files directly in src/ are no room. */
export function circlesOfRooms(imports: readonly Import[]): string[] {
  const pairs = imports.map(({ from, to }) => [roomOf(from), roomOf(to)] as const);
  const between = pairs.filter((pair): pair is [string, string] =>
    pair.every((room, i) => room !== undefined && room !== 'root' && room !== pair[1 - i]),
  );
  return circles(edgesBetween(between));
}

/** Imports that bring a head, a task, an example or the package itself into src/. */
export const outward = (imports: readonly Import[]): string[] =>
  imports.filter(({ to }) => /^(heads|tasks|examples)\//.test(to) || /^banyan-ml/.test(to)).map(arrow);

const PUBLIC = /^(banyan-ml(\/[\w/-]+)?|@tensorflow\/tfjs|inversify|rxjs|node:[\w/]+|heads\/.+|tasks\/.+)$/;

/** Imports of heads/ and tasks/ that a stranger's package could not have. */
export const notPublic = (imports: readonly Import[]): string[] =>
  imports
    .filter(({ from, to }) => {
      const leavesItsFolder = /^(heads|tasks)\//.test(to) && to.split('/')[0] !== from.split('/')[0];
      return !PUBLIC.test(to) || leavesItsFolder;
    })
    .map(arrow);

/** Files that name a built-in task. */
export function namingTasks(files: Files): string[] {
  const names =
    /['"`](catch|chord|space-invaders|clothing|multi-clothing-left|multi-clothing-right|digits|spoken-digits|instruments|intents|shapes|notes|sentences|tempo|translation|captions|parsing|connected-digits|spoken-words|photographs|requests)['"`]/;
  return Object.entries(files)
    .filter(([, text]) => names.test(text))
    .map(([file]) => file);
}

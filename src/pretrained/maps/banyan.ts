import type { WeightMap } from '../map.ts';

/**
 * The names of a network that this package saved: the trunk is its first column, stem and head are those of its one task. Of several tasks
 * a map has to name one.
 */
export function banyanMap(names: readonly string[]): WeightMap {
  const only = (kind: string): Readonly<Record<string, string>> => {
    const parts = new Set(names.flatMap((name) => new RegExp(`^${kind}/[^/]+`).exec(name)?.[0] ?? []));
    return parts.size === 1 ? { [`${kind}/*`]: `${[...parts][0]}/*` } : {};
  };
  // What of another network is not asked for stays there.
  return { weights: { 'trunk/*': 'column-0/*', ...only('stem'), ...only('head') }, ignore: ['*'] };
}

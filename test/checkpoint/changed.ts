// Data that was changed at some places, and manifests that are sealed whatever they say: for readers of files of our own.
import { createHash } from 'node:crypto';
import fc from 'fast-check';

const BEGIN = `{\n  "sha256": "`;
const ZEROS = '0'.repeat(64);

/** A manifest with the right digest of itself, from what follows that. */
export function sealedText(rest: string): Buffer {
  const text = Buffer.from(`${BEGIN}${ZEROS}",${rest}`);
  text.write(createHash('sha256').update(text).digest('hex'), BEGIN.length, 'latin1');
  return text;
}

export const sealed = (manifest: object): Buffer => sealedText(`${JSON.stringify(manifest, null, 2).slice(1)}\n`);

const nested = (levels: number) => {
  let data: unknown = 1;
  for (let level = 0; level < levels; level++) data = level % 2 === 0 ? [data] : { kind: 'stacked', parts: [data] };
  return data;
};

/** What may stand in a file in the place of something else. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    ...[
      null,
      true,
      '',
      [],
      {},
      -1,
      0,
      0.5,
      1e9,
      2 ** 31,
      2 ** 53,
      -(2 ** 63),
      1e300,
      'NaN',
      '__proto__',
      'manifest.json',
    ],
    ...['../../etc/passwd', '/dev/zero', 'a'.repeat(1000), nested(150), nested(1000), [[[]]], { length: 1e9 }],
    ...[
      { kind: 'dense', width: 1e9, depth: 1, dropout: 0 },
      { kind: 'dense', width: 6, depth: 2e6, dropout: 0 },
    ],
    ...[{ kind: 'mmoe', experts: 2 ** 31, trunk: { kind: 'dense', width: 6, depth: 2, dropout: 0 } }],
  ),
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.array(fc.integer({ min: -2, max: 9 }), { maxLength: 5 }),
);

type Path = readonly (string | number)[];

function pathsIn(data: unknown, path: Path = []): Path[] {
  if (typeof data !== 'object' || data === null || path.length > 20) return [path];
  const inside = Object.entries(data).flatMap(([key, part]) => pathsIn(part, [...path, key]));
  return [path, ...inside];
}

interface Change {
  readonly at: number;
  readonly how: 'put' | 'remove' | 'double' | 'add' | 'move';
  readonly value: unknown;
}

function change(data: unknown, { at, how, value }: Change): unknown {
  const paths = pathsIn(data);
  const path = paths[at % paths.length]!;
  const copy = structuredClone({ root: data }) as Record<string, unknown>;
  const parents = ['root', ...path].slice(0, -1);
  const holder = parents.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], copy) as Record<
    string,
    unknown
  >;
  const key = String(['root', ...path].at(-1));
  if (how === 'remove' && path.length > 0) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (how === 'double' && Array.isArray(holder))
    holder.splice(Number(key), 0, structuredClone(holder[Number(key)]));
  else if (how === 'add' && !Array.isArray(holder))
    Object.defineProperty(holder, String(value).slice(0, 20), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else if (how === 'move') {
    const other = paths[(at * 31) % paths.length]!;
    holder[key] = structuredClone(other.reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], data));
  } else holder[key] = value;
  return copy.root;
}

const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({ at: fc.nat(), how: fc.constantFrom('put', 'put', 'put', 'remove', 'double', 'add', 'move'), value: odd }),
  { minLength: 1, maxLength: 3 },
);

/** The data, changed at one to three places: something odd in the place of a part, a part gone, doubled, added, or another's. */
export const changed = (data: unknown): fc.Arbitrary<unknown> => changes.map((list) => list.reduce(change, data));

import fc from 'fast-check';

/** What happens to bytes: flips, a cut end, a part twice, a part that is another's. */
export function damagedBytes(good: Uint8Array): fc.Arbitrary<Buffer> {
  const place = fc.nat({ max: Math.max(0, good.length - 1) });
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat({ max: 7 }) }),
    fc.record({ kind: fc.constant('cut' as const), at: place }),
    fc.record({ kind: fc.constant('again' as const), at: place, length: fc.nat({ max: 40 }) }),
    fc.record({ kind: fc.constant('other' as const), at: place, bytes: fc.uint8Array({ maxLength: 12 }) }),
  );
  return fc.array(damage, { minLength: 1, maxLength: 4 }).map((all) => {
    let bytes = Buffer.from(good);
    for (const one of all) {
      const { at } = one;
      if (one.kind === 'flip' && at < bytes.length) bytes[at]! ^= 1 << one.bit;
      if (one.kind === 'cut') bytes = bytes.subarray(0, at);
      if (one.kind === 'again') bytes = Buffer.concat([bytes.subarray(0, at + one.length), bytes.subarray(at)]);
      if (one.kind === 'other')
        bytes = Buffer.concat([bytes.subarray(0, at), one.bytes, bytes.subarray(at + one.bytes.length)]);
    }
    return bytes;
  });
}

const leaf = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    0,
    0.5,
    1e300,
    -1e300,
    2 ** 53,
    '',
    'steps',
    '__proto__',
    'constructor',
    '../../etc/passwd',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** The data with another value somewhere in it, or with a key more or less. */
export function damagedData(good: unknown): fc.Arbitrary<unknown> {
  return fc
    .array(fc.record({ way: fc.array(fc.nat({ max: 30 }), { maxLength: 6 }), put: leaf }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((all) => all.reduce<unknown>((data, { way, put }) => replaced(data, way, put), good));
}

function replaced(data: unknown, [at, ...way]: readonly number[], put: unknown): unknown {
  if (typeof data !== 'object' || data === null || at === undefined) return put;
  if (Array.isArray(data)) {
    const index = at % (data.length + 1);
    return index === data.length ? [...data, put] : data.with(index, replaced(data[index], way, put));
  }
  const entries = Object.entries(data);
  const index = at % (entries.length + 2);
  if (index === entries.length) return Object.fromEntries([...entries, [typeof put === 'string' ? put : 'added', put]]);
  if (index > entries.length) return Object.fromEntries(entries.slice(1));
  const [name, part] = entries[index]!;
  return Object.fromEntries(entries.with(index, [name, replaced(part, way, put)]));
}

/** JSON as it was written, damaged as text or as data; some of it deeper than any stack. */
export const damagedJson = (good: unknown): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 5, arbitrary: damagedBytes(Buffer.from(JSON.stringify(good))) },
    { weight: 10, arbitrary: damagedData(good).map((data) => Buffer.from(JSON.stringify(data))) },
    { weight: 1, arbitrary: fc.constantFrom(5000, 200_000).map((depth) => Buffer.from('['.repeat(depth))) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(5000, 200_000).map((depth) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
    },
  );

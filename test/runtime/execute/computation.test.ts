import { describe, expect, it } from 'vitest';
import { type Computation, familyOf, graphKeyOf } from '../../../src/runtime/execute/computation.ts';

const computation = (key: Computation['key'], length = 1): Computation => ({
  kind: 'test',
  key,
  inputs: [{ shape: [length], dtype: 'float32', values: new Float32Array(length) }],
  variables: [],
  trace: () => ({}),
});

describe('the key of a graph', () => {
  it('differs for any two keys that differ', () => {
    const keys: Computation['key'][] = [
      [],
      ['a', 'b'],
      ['a b'],
      ['a,b'],
      ['"a","b"'],
      [['a', 'b']],
      [['a'], 'b'],
      [1, 2],
      ['1', 2],
      [[1, 2]],
      [true],
      ['true'],
      [null],
      [undefined],
      ['undefined'],
      [Number.NaN],
      [Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY],
      [{}],
      [[]],
      [{ a: 1 }],
      [{ a: '1' }],
      [{ a: 1, b: 2 }],
      [{ a: { b: 2 } }],
    ];
    expect(new Set(keys.map((key) => familyOf(computation(key)))).size).toBe(keys.length);
  });

  it('is the same for equal data, and another for other shapes, kinds, precisions and compilers', () => {
    const key = () => [['a', 'b'], { rate: 0.1 }];
    const first = computation(key());
    expect(graphKeyOf(computation(key()), false)).toBe(graphKeyOf(first, false));
    const others = [
      graphKeyOf(computation(key(), 2), false),
      graphKeyOf({ ...first, kind: 'predict' }, false),
      graphKeyOf({ ...first, precision: 'mixed' }, false),
      graphKeyOf(first, true),
    ];
    expect(new Set([graphKeyOf(first, false), ...others]).size).toBe(5);
    expect(familyOf(computation(key(), 2))).toBe(familyOf(first));
  });
});

import { describe, expect, it } from 'vitest';
import { assertAsSaved, assertSameSettings, dataOf, uncompared } from '../../../src/network/assembly/settings.ts';

describe('options as data', () => {
  it('are equal whatever the order of their keys, and their kind of list', () => {
    const options = { b: [1, -0, { d: undefined, c: 'x' }], a: Float32Array.of(0.5), n: Number.POSITIVE_INFINITY };
    const other = { n: Number.POSITIVE_INFINITY, a: [0.5], b: [1, 0, { c: 'x' }] };
    expect(JSON.stringify(dataOf(options))).toBe('{"a":[0.5],"b":[1,0,{"c":"x"}],"n":"Infinity"}');
    expect(JSON.stringify(dataOf(other))).toBe(JSON.stringify(dataOf(options)));
  });

  it('hold what made a function, where it says so', () => {
    expect(dataOf([Object.assign(() => 0, { config: { kind: 'shift', frames: 3 } }), () => 0])).toEqual([
      { frames: 3, kind: 'shift' },
      '(a function)',
    ]);
  });
});

const column = { trunk: { kind: 'dense', dropout: 0 } };

describe('options that differ', () => {
  it('are named with both values, of long lists the first that differs', () => {
    expect(() => assertAsSaved('head/t', 'classes', ['a', 'b'], ['b', 'a'])).toThrow(
      'Task "t": its head\'s classes was ["a","b"] when the network was saved, and is ["b","a"] now, expected the same: its weights mean what they were trained for. Set classes back, or train a new network.',
    );
    const words = Array.from({ length: 40 }, (_, i) => `word ${i}`);
    expect(() => assertAsSaved('stem/t', 'vocabulary', words, words.with(33, 'other'))).toThrow(
      'Task "t": its stem\'s vocabulary[33] was "word 33" when the network was saved, and is "other" now,',
    );
    expect(() => assertAsSaved('stem/t', 'vocabulary', words, words.slice(0, 39))).toThrow(
      'vocabulary[39] was "word 39" when the network was saved, and is nothing now,',
    );
  });

  it('end a resume, as far as both say what they are', () => {
    const saved = {
      columns: [column],
      assets: { 'head/t/gamma': 0.9, 'column-0/block-1/rate': 0.1, 'task/t/target': 'a' },
    };
    const differing = (now: { columns?: (typeof column)[]; assets?: object }) => () =>
      assertSameSettings('run/step-4', saved, { ...saved, ...now } as typeof saved);
    expect(differing({})).not.toThrow();
    expect(differing({ assets: { 'head/t/other': 1 } })).not.toThrow();
    const end = 'the run would not end with the same bits. Set it back, or load the network and train it anew.';
    expect(differing({ assets: { 'head/t/gamma': 0.8 } })).toThrow(
      `Task "t": its head's gamma was 0.9 when run/step-4 was written, and is 0.8 now: ${end}`,
    );
    expect(differing({ assets: { 'task/t/target': 'b' } })).toThrow(`Task "t": its target was "a" when run/step-4`);
    expect(differing({ assets: { 'column-0/block-1/rate': 0 } })).toThrow('column-0/block-1: rate was 0.1 when');
    expect(differing({ columns: [{ trunk: { ...column.trunk, dropout: 0.5 } }] })).toThrow(
      'Column 0: its trunk was {"kind":"dense","dropout":0} when run/step-4 was written, and is {"dropout":0.5,"kind":"dense"} now',
    );
  });
});

it('tells what cannot be compared', () => {
  const assets = { 'stem/a/augment': ['(a function)'], 'stem/a/mean': 0, 'head/a/classes': 2 };
  expect(uncompared(['stem/a', 'head/a', 'head/b'], assets)).toEqual([
    'augment of the stem of task "a"',
    'the head of task "b"',
  ]);
});

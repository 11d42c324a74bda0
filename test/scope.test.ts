import { describe, expect, it } from 'vitest';
import {
  blockName,
  columnScope,
  fromName,
  headScope,
  inColumn,
  intoScope,
  isBelow,
  isHead,
  isLateral,
  isTrunk,
  lateralName,
  ownerOf,
  ownName,
  parseScope,
  splitKey,
  stemScope,
  taskScope,
} from '../src/scope.ts';

const own = inColumn(3, ownName('a', blockName(1)));
const adapter = inColumn(2, lateralName(1));

describe('the names of parts', () => {
  it('are as they stand in files of weights', () => {
    expect([stemScope('a'), headScope('a'), taskScope('a'), columnScope(0)]).toEqual([
      'stem/a',
      'head/a',
      'task/a',
      'column-0',
    ]);
    expect([own, adapter, `${adapter}/${fromName(0)}`, intoScope(stemScope('a'), 0)]).toEqual([
      'column-3/own/a/block-1',
      'column-2/lateral-1',
      'column-2/lateral-1/from-0',
      'stem/a/into-0',
    ]);
  });

  it('are read as they were made, also with the name of a variable behind them', () => {
    expect(parseScope('stem/a/patch/kernel')).toEqual({ kind: 'stem', task: 'a' });
    expect(parseScope(taskScope('a'))).toEqual({ kind: 'task', task: 'a' });
    expect(parseScope('column-10')).toEqual({ kind: 'column', column: 10, task: undefined, part: '' });
    expect(parseScope(`${own}/kernel`)).toEqual({ kind: 'column', column: 3, task: 'a', part: 'block-1' });
    for (const stranger of ['', 'a', 'columns-1', 'column-', 'column-1a', 'heads/a', 'xhead/a'])
      expect(parseScope(stranger), stranger).toBeUndefined();
  });

  it('say whose a part is', () => {
    const scopes = [stemScope('a'), headScope('a'), inColumn(0, blockName(0)), adapter, own];
    expect(scopes.map(isHead)).toEqual([false, true, false, false, false]);
    expect(scopes.map(isTrunk)).toEqual([false, false, true, true, false]);
    expect(scopes.map(isLateral)).toEqual([false, false, false, true, false]);
    expect(scopes.map(ownerOf)).toEqual([undefined, undefined, undefined, undefined, 'a']);
  });

  it('are below one another by whole words', () => {
    expect(isBelow('column-1/block-0', 'column-1')).toBe(true);
    expect(isBelow('column-10/block-0', 'column-1')).toBe(false);
    expect(isBelow('column-1', 'column-1')).toBe(false);
    expect(isBelow('stem/a/kernel', 'head/a', 'stem/a')).toBe(true);
    expect(isBelow('stem/a/kernel')).toBe(false);
  });

  it('are told from the names of settings', () => {
    expect(splitKey('head/a/classes')).toEqual({ scope: 'head/a', name: 'classes' });
    expect(splitKey('stem/a/augment/noise')).toEqual({ scope: 'stem/a', name: 'augment/noise' });
    expect(splitKey('column-0/block-1/heads')).toEqual({ scope: 'column-0/block-1', name: 'heads' });
  });
});

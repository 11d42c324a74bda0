import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  dataSet,
  INPUT_FIELD_KIND,
  type InputField,
  TARGET_FIELD_KIND,
  type TargetField,
  tasksOver,
} from '../../src/fields/index.ts';
import type { Kind } from '../../src/kind/index.ts';
import { NO_NETWORK } from '../../src/task/index.ts';
import { markLasting } from '../../src/task/lasting-row.ts';
import { temporaryFolder } from '../repository.ts';

const read: string[] = [];
let broken: unknown;

const learn = () => ({ see: () => {}, facts: () => null });
const input: Kind<InputField> = {
  kind: 'noted',
  about: 'Notes what is read.',
  options: z.strictObject({}),
  build: () => ({
    fits: () => ({ weight: 1, because: 'cells' }),
    learn,
    read: async ([cell = null], { columns }) => {
      read.push(`${columns[0]} ${cell}`);
      if (cell === broken) throw new Error(`${cell} is broken`);
      return cell;
    },
    stem: () => () => ({}) as never,
  }),
};
const target: Kind<TargetField> = {
  kind: 'noted',
  about: 'A cell.',
  options: z.strictObject({}),
  build: () => ({
    fits: () => ({ weight: 1, because: 'cells' }),
    learn,
    read: (cell) => cell,
    head: () => () => ({}) as never,
  }),
};
const bound = new Map<unknown, unknown>([
  [INPUT_FIELD_KIND, [input]],
  [TARGET_FIELD_KIND, [target]],
]);
const bindings = { isBound: (token: unknown) => bound.has(token), getAll: (token: unknown) => bound.get(token) };

it('tasks with other inputs read the rows of a batch, and what they have in common, once', async () => {
  const file = join(temporaryFolder(), 'rows.csv');
  writeFileSync(file, ['a,b,c,t', ...Array.from({ length: 15 }, (_, i) => `${i},b${i},c${i},${i % 2}`), ''].join('\n'));
  const data = dataSet({ file });
  const { one, two, same } = await tasksOver(
    data,
    {
      one: { inputs: ['a', 'b'], target: 't' },
      two: { inputs: ['a', 'c'], target: 't' },
      same: { inputs: ['a', 'b'], target: 'b' },
    },
    bindings as never,
  );
  expect(same.source).toBe(one.source);
  expect(two.source).not.toBe(one.source);
  const indices = [3, 1, 4];
  const [first] = await one.source.read('training', indices, NO_NETWORK);
  const [second] = await two.source.read('training', indices, NO_NETWORK);
  const { a } = first!.input as { a: string };
  expect(second!.input).toEqual({ a, c: `c${a}` });
  expect(await data.rows('training', [...indices])).toBe(await data.rows('training', indices));
  expect(read.filter((cell) => cell === `a ${a}`)).toHaveLength(1);
  expect(read).toHaveLength(9);
  // Another batch is read anew, and then the first one again.
  expect(await data.rows('training', [3])).not.toBe(await data.rows('training', indices));
  await one.source.read('training', indices, NO_NETWORK);
  expect(read.filter((cell) => cell === `a ${a}`)).toHaveLength(2);
});

describe('a row of a program', () => {
  const place = { row: 'a row', folder: '.' };
  const tasksOf = async () => {
    const file = join(temporaryFolder(), 'rows.csv');
    writeFileSync(file, ['a,b,t', ...Array.from({ length: 15 }, (_, i) => `${i},b${i},${i % 2}`), ''].join('\n'));
    return tasksOver(
      dataSet({ file }),
      { one: { inputs: ['a'], target: 't' }, two: { inputs: ['a', 'b'], target: 't' } },
      bindings as never,
    );
  };

  it('is read as it is now, whatever it was before', async () => {
    const { one } = await tasksOf();
    const row = { a: '80' };
    expect(await one.fromRow!(row, place)).toBe('80');
    row.a = '90';
    expect(await one.fromRow!(row, place)).toBe('90');
  });

  it('is read once for all tasks where it stays as it is, and again where that failed', async () => {
    const { one, two } = await tasksOf();
    const row = { a: 'x', b: 'y' };
    markLasting(row);
    broken = 'x';
    await expect(one.fromRow!(row, place)).rejects.toThrow('x is broken');
    broken = undefined;
    read.length = 0;
    expect(await one.fromRow!(row, place)).toBe('x');
    expect(await two.fromRow!(row, place)).toEqual({ a: 'x', b: 'y' });
    expect(read).toEqual(['a x', 'b y']);
  });
});

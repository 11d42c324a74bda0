import * as balance from 'banyan-ml/balance';
import { expect, it } from 'vitest';
import { finite } from '../../src/check.ts';

const { autoLambda, cagrad, gramMethod, mgda, perTask, upgrad } = balance;

it('takes the options of a method, by the names of tasks where there is one for each, and where it works', () => {
  expect(mgda({ on: 'activations' })).toEqual({ method: 'mgda', options: {}, on: 'activations' });
  expect(cagrad({ c: 0.4, on: 'shared' })).toEqual({ method: 'cagrad', options: { c: 0.4 }, on: 'shared' });
  expect(upgrad({ prefVector: { a: 1, b: 2 } }).options).toEqual({ prefVector: { a: 1, b: 2 } });
  expect(autoLambda({ primary: ['a'] }).options).toEqual({ primary: ['a'] });
  expect(mgda()).toEqual({ method: 'mgda', options: {} });
  // @ts-expect-error no place of that name
  mgda({ on: 'stem' });
  // @ts-expect-error a method without options
  mgda({ c: 1 });
  // @ts-expect-error no number for each task
  cagrad({ c: { a: 1 } });
  // @ts-expect-error no list of tasks
  upgrad({ prefVector: ['a'] });
});

it('makes what a program calls and what a file names one thing', () => {
  for (const method of balance.methods()) {
    expect(method.name).toBe(method.kind);
    expect(balance.methodNamed(method.kind)).toBe(method);
    expect(method.build({} as never, () => ({ method: 'none' }))).toEqual({ method: method.kind, options: {} });
  }
  expect(balance.methodNamed('cagrad')).toBe(cagrad);
});

it('infers the options of a method of your own', () => {
  const mine = gramMethod({
    kind: 'mine',
    about: 'Does as it is told.',
    balances: 'losses',
    paper: 'none',
    needs: [],
    properties: [],
    cost: 'none',
    verified: 'here',
    options: { rate: finite.default(1), weights: perTask(finite) },
    create: ({ rate, weights }, tasks) => {
      rate satisfies number;
      weights satisfies readonly number[] | undefined;
      return { weights: () => new Float64Array(tasks).fill(rate) };
    },
  });
  mine satisfies balance.GramMethod<{ rate: number; weights?: number[] | undefined }>;
  expect(mine({ rate: 2, weights: { a: 1 }, on: 'trunk' })).toEqual({
    method: 'mine',
    options: { rate: 2, weights: { a: 1 } },
    on: 'trunk',
  });
  // @ts-expect-error no such option
  mine({ speed: 2 });
  expect([...mine.create({ rate: 3 }, 2).weights({} as never)]).toEqual([3, 3]);
});

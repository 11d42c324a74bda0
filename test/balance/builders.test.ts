import { cagrad, mgda, upgrad } from 'banyan-ml/balance';
import { expect, it } from 'vitest';

it('takes the options of a method, by the names of tasks where there is one for each, and where it works', () => {
  expect(mgda({ on: 'activations' })).toEqual({ method: 'mgda', options: {}, on: 'activations' });
  expect(cagrad({ c: 0.4, on: 'shared' })).toEqual({ method: 'cagrad', options: { c: 0.4 }, on: 'shared' });
  expect(upgrad({ prefVector: { a: 1, b: 2 } }).options).toEqual({ prefVector: { a: 1, b: 2 } });
  expect(mgda()).toEqual({ method: 'mgda', options: {} });
  // @ts-expect-error no place of that name
  mgda({ on: 'stem' });
  // @ts-expect-error a method without options
  mgda({ c: 1 });
  // @ts-expect-error no number for each task
  cagrad({ c: { a: 1 } });
});

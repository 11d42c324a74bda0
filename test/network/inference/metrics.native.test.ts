import { expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  denseTrunk,
  evaluate,
  type HeadContext,
  type Metric,
  rmse,
} from '../../../src/index.ts';
import { NumberHead, numbersSource, numbersTask, stemOf } from '../../fixtures.ts';

const trunk = denseTrunk({ width: 8, depth: 1 });
const build = (metricOf: () => Metric<number, number>) => {
  const source = numbersSource(() => ({ zero: 0, ten: 10 })) as never;
  const tasks = ['zero', 'ten'].map(
    (name): AnyTask => ({
      ...numbersTask(name),
      stem: stemOf,
      head: (context: HeadContext) => Object.assign(new NumberHead(context), { metrics: [metricOf()] }),
      source,
      target: name,
    }),
  );
  return createNetwork({ trunk, tasks, seed: 1 });
};

it('figures of tasks and networks that hold one metric are those of metrics of their own', async () => {
  const metric = rmse();
  const [own, one, other] = [await build(rmse), await build(() => metric), await build(() => metric)];
  const expected = await evaluate(own);
  expect(expected.ten!.rmse! - expected.zero!.rmse!).toBeGreaterThan(5);
  expect(await Promise.all([evaluate(one), evaluate(other), evaluate(one)])).toEqual([expected, expected, expected]);
  for (const network of [own, one, other]) network.dispose();
});

import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adamW,
  createNetwork,
  denseTrunk,
  findRate,
  type Network,
  sgd,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { validation } from '../../../src/sample/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { together } from '../tasks.ts';

const build = (tasks: AnyTask[] = [numbersTask('a'), numbersTask('b', (x) => -3 * x[0]!, { weight: 0.5 })]) =>
  createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks, seed: 1 }) as Promise<Network>;
const weightsOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, [...tensor.dataSync()]]);
const trained = (network: Network, options: Partial<TrainOptions> = {}) =>
  lastValueFrom(train(network, { batch: 8, steps: 6, ...options }));

describe('findRate', () => {
  it('finds a rate at which the network learns, and one at which it does not any more', async () => {
    const network = await build();
    const { rates, losses, total, end, found } = await findRate(network, {
      batch: 16,
      clip: Number.POSITIVE_INFINITY,
      optimizer: sgd({ learningRate: 1 }),
    });
    expect(rates[0]).toBe(1e-7);
    expect(rates[1]! / rates[0]!).toBeCloseTo(1e8 ** (1 / 99), 9);
    expect(Object.keys(losses)).toEqual(['a', 'b']);
    expect(total[5]).toBeCloseTo(losses.a![5]! + 0.5 * losses.b![5]!, 9);
    expect(end).not.toBe('steps');
    expect(found!.proposal).toBeGreaterThan(1e-4);
    expect(found!.proposal).toBeLessThan(rates.at(-1)!);
    expect(Math.min(...total.slice(20))).toBeLessThan(0.9 * total[20]!);
    network.dispose();
  });

  // Running statistics of batch normalisation are weights too.
  it.each([
    ['never trained', false],
    ['trained before', true],
  ])('leaves a network that was %s as it was, to the bit', async (_, before) => {
    const [tested, other] = [await build(together()), await build(together())];
    for (const network of [tested, other]) if (before) await trained(network, { optimizer: adamW() });
    await findRate(tested, { batch: 8, steps: 20 });
    expect(weightsOf(tested)).toEqual(weightsOf(other));
    // What it knows of its training: moments, number of updates, which examples come next.
    for (const network of [tested, other]) await trained(network);
    expect(weightsOf(tested)).toEqual(weightsOf(other));
    for (const network of [tested, other]) network.dispose();
  });

  it('trains the weights that rules leave, and draws by evaluations as before the first one', async () => {
    const network = await build();
    const { losses } = await findRate(network, { batch: 8, steps: 6, sampler: validation() });
    expect(Object.keys(losses)).toEqual(['a', 'b']);
    const total = async (parameters: TrainOptions['parameters']) =>
      (await findRate(network, { batch: 8, steps: 6, from: 0.01, to: 0.1, ...(parameters && { parameters }) })).total;
    const [whole, again, frozen] = [
      await total(undefined),
      await total(undefined),
      await total([{ match: 'trunk/*', frozen: true }]),
    ];
    expect(again).toEqual(whole);
    expect(frozen[0]).toBe(whole[0]);
    expect(frozen[5]).not.toBe(whole[5]);
    network.dispose();
  });

  it('is one use of the network, and says what it cannot do', async () => {
    const network = await build();
    const running = findRate(network, { batch: 8, steps: 30 });
    await expect(trained(network)).rejects.toThrow('This network is being tested, expected one change at a time.');
    await running;
    await expect(findRate(network, { batch: 8, from: 1, to: 1 })).rejects.toThrow(
      'findRate: to must be greater than from, 1, received 1. Raise it.',
    );
    await expect(findRate(network, { batch: 8, steps: 1 })).rejects.toThrow(
      'findRate: steps must be a whole number >= 2',
    );
    const signal = AbortSignal.abort(new Error('no time'));
    await expect(findRate(network, { batch: 8, signal })).rejects.toThrow('no time');
    await trained(network);
    network.dispose();
  });
});

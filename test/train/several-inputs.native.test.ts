// A task of several inputs is trained, resumed, measured and freed as any other.
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as vision from 'banyan-ml/heads/vision';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { arraySource } from '../../src/data/index.ts';
import { linearBaseline } from '../../src/evaluate/index.ts';
import {
  type CompileMode,
  createNetwork,
  defineTask,
  evaluate,
  type Network,
  resume,
  type StemContext,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { inputs, NumbersStem, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const numbers = (context: StemContext) => new NumbersStem(context);

/** Examples of which the first number of one input is above the second of the other, or is not: neither tells it alone. */
function examples(from: number, to: number) {
  const pairs = inputs.slice(from, to).map((left, i) => ({ left, right: inputs[(7 * i + 3) % inputs.length]! }));
  return { inputs: pairs, targets: pairs.map(({ left, right }) => Number(left[0]! > right[1]!)) };
}

const above = () =>
  defineTask({
    name: 'above',
    stems: { left: numbers, right: numbers },
    head: vision.classifier({ classes: 2 }),
    source: arraySource({ ...examples(0, 150), validation: 0.2, test: examples(150, 200) }),
  });

const built = (): Promise<Network> =>
  createNetwork({
    trunk: transformerTrunk({ width: 8, depth: 1, heads: 2, dropout: 0.2 }),
    tasks: [above(), numbersTask('alone')],
    seed: 3,
  });
const weightsOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, ...tensor.dataSync()]);

describe('a task of several inputs', () => {
  it.each<CompileMode>(['eager', 'graph'])('that is interrupted ends with the same bits: %s', async (compile) => {
    const options = (name: string): TrainOptions => {
      const checkpoint = { folder: join(folder, `${name}-${compile}`), every: 3 };
      return { steps: 8, batch: 8, seed: 5, compile, evaluateEvery: 4, checkpoint };
    };
    const whole = await built();
    await lastValueFrom(train(whole, options('whole')));
    const first = await built();
    const stop = (event: { kind: string; step: number }) => event.kind === 'step' && event.step === 5;
    await lastValueFrom(train(first, { ...options('parts'), stop }));
    const second = await built();
    const begin = weightsOf(second);
    await lastValueFrom(resume(second, options('parts').checkpoint!.folder, options('parts')));
    expect(weightsOf(second)).not.toEqual(begin);
    expect(weightsOf(second)).toEqual(weightsOf(whole));
    for (const network of [whole, first, second]) network.dispose();
  });

  it('leaves no tensor when it is trained, measured, asked and disposed', async () => {
    const { numTensors } = tf.memory();
    const network = await built();
    await lastValueFrom(train(network, { steps: 2, batch: 8 }));
    const trained = tf.memory().numTensors;
    await lastValueFrom(train(network, { steps: 2, batch: 8 }));
    await evaluate(network);
    await network.predict('above', [{ left: inputs[0]!, right: inputs[1]! }]);
    expect(tf.memory().numTensors).toBe(trained);
    network.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('is held against a linear model that sees all of its inputs', async () => {
    const network = await built();
    // The rule is linear in the numbers of both, and each alone is hardly better than chance.
    expect(await linearBaseline(network, 'above')).toBeGreaterThan(0.9);
    network.dispose();
  });
});

import { classifier, patchStem } from 'banyan-ml/heads/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attribution,
  attentionRollout,
  attribute,
  integratedGradients,
  type Method,
} from '../../src/explain/index.ts';
import { type AnyTask, createNetwork, defineTask, type Network, transformerTrunk } from '../../src/index.ts';
import { RandomStream } from '../../src/random/index.ts';

const source = { counts: { training: 1, validation: 0, test: 0 }, read: () => [] };
const taskOf = (name: string): AnyTask =>
  defineTask({
    name,
    stem: patchStem({ height: 6, width: 6, channels: 1, patch: 2 }),
    head: classifier({ classes: ['a', 'b', 'c'] }),
    source,
  }) as AnyTask;
const random = new RandomStream(3, 'grown');
const input = Float32Array.from({ length: 36 }, () => random.normal());

describe('a network that has grown', () => {
  let network: Network;
  beforeAll(async () => {
    network = await createNetwork({
      trunk: transformerTrunk({ width: 8, depth: 2, heads: 2 }),
      tasks: [taskOf('old')],
      seed: 1,
    });
    await network.addColumn({ tasks: [taskOf('new')] });
  });
  afterAll(() => network.dispose());
  const explain = async (task: string, method: Method, at?: 'tokens') =>
    (
      await attribute(network, { task, inputs: [input], method, ...(at === undefined ? {} : { at }) })
    )[0] as Attribution;

  it.each(['old', 'new'])('is explained by each column: %s', async (task) => {
    for (const at of [undefined, 'tokens'] as const) {
      const { completeness } = await explain(task, integratedGradients(), at);
      expect(completeness!.error).toBeLessThan(0.01);
    }
    const { parts } = await explain(task, attentionRollout());
    const { values } = parts[0]!;
    expect(values.length).toBe(9);
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });
});

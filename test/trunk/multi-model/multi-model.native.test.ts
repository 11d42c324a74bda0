import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNetwork, internals, Network } from '../../../src/network/index.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import type { AnyTask } from '../../../src/task/index.ts';
import { testContext, WIDTH } from '../../../src/testing/test-context.ts';
import { type TrainOptions, train } from '../../../src/train/index.ts';
import { multiModelTrunk, type Trunk, trunkFromConfig } from '../../../src/trunk/index.ts';
import { convolutionBlock } from '../../../src/trunk/multi-model/convolution-block.ts';
import { setGains } from '../../layers/gains.ts';
import { reversing, sorting } from '../../network/writers.ts';
import { temporaryFolder } from '../../repository.ts';

beforeAll(async () => void (await startRuntime()));

const folder = temporaryFolder();
const small = { width: 16, encoder: 2, mixer: 1, decoder: 1, experts: 4, k: 2, heads: 2 };

describe('a convolutional block', () => {
  /** The positions at which the output is another once the input at `from` is another. */
  const reached = (look: 'causal' | 'centred', positions: number, from: number) =>
    tf.tidy(() => {
      const bench = testContext();
      const block = convolutionBlock(bench.context, 'block', look, 0);
      setGains(bench);
      const stream = new RandomStream(1, 'tokens');
      const values = Float32Array.from({ length: positions * WIDTH }, () => stream.normal());
      const whole = block(tf.tensor3d(values, [1, positions, WIDTH]), { training: false });
      for (let i = 0; i < WIDTH; i++) values[from * WIDTH + i] = 20 * stream.normal();
      const changed = block(tf.tensor3d(values, [1, positions, WIDTH]), { training: false });
      const differs = whole.sub(changed).abs().max(2).dataSync();
      tf.disposeVariables();
      return [...differs.keys()].filter((at) => differs[at]! > 0);
    });

  it('sees 131 positions, as many on both sides', () => {
    const seen = reached('centred', 150, 75);
    expect([seen[0], seen.at(-1), seen.length]).toEqual([75 - 65, 75 + 65, 131]);
  });

  it('passes its input as it is at first', () => {
    tf.tidy(() => {
      const { context } = testContext();
      const block = convolutionBlock(context, 'block', 'causal', 0.4);
      const tokens = tf.randomNormal([2, 9, WIDTH], 0, 1, 'float32', 1) as tf.Tensor3D;
      for (const training of [false, true]) {
        expect([...block(tokens, { training }).dataSync()]).toEqual([...tokens.dataSync()]);
      }
      tf.disposeVariables();
    });
  });

  it('that writes sees none to the right', () => {
    const seen = reached('causal', 150, 10);
    expect([seen[0], seen.at(-1), seen.length]).toEqual([10, 140, 131]);
  });
});

describe('multiModelTrunk', () => {
  it('has a mixture in the middle of encoder and decoder, and a mixer before it', () => {
    const trunk = multiModelTrunk({ width: 32, experts: 8, dropout: 0 });
    expect([trunk.depth, trunk.decoder!.depth]).toEqual([6 + 1, 1 + 2 + 4 + 1]);
    const plain = multiModelTrunk({ width: 32 });
    expect([plain.depth, plain.decoder!.depth]).toEqual([6, 1 + 2 + 4]);
    const transformed = multiModelTrunk({ width: 32, experts: 8, form: 'transformer' });
    expect([transformed.depth, transformed.decoder!.depth]).toEqual([6 + 1, 4 + 1]);
    expect(trunkFromConfig(trunk.config)?.config).toEqual(trunk.config);
    expect(trunkFromConfig(plain.config)?.config).toEqual(plain.config);
  });

  it.each([
    [{ width: 30, heads: 4 }, 'multiModelTrunk: heads must be a divisor of width (30), received 4.'],
    [{ width: 32, experts: 2, k: 3 }, 'multiModelTrunk: k must be at most the number of experts, received 3.'],
    [{ width: 32, k: 3 }, 'multiModelTrunk: k must be at most the number of experts, received 3.'],
    [{ width: 32, form: 'recurrent' }, 'multiModelTrunk: form must be one of "convolution", "transformer"'],
  ])('refuses %j', (options, message) => {
    expect(() => multiModelTrunk(options as never)).toThrow(message);
  });

  const trained = async (trunk: Trunk, options: Partial<TrainOptions>) => {
    const network = (await createNetwork({ trunk, tasks: [reversing, sorting] as AnyTask[], seed: 2 })) as Network;
    const events = await lastValueFrom(train(network, { steps: 3, batch: 8, seed: 2, ...options }).pipe(toArray()));
    return { network, events };
  };

  it.each(['convolution', 'transformer'] as const)('trains, writes, and is stored (%s)', async (form) => {
    const { network, events } = await trained(multiModelTrunk({ ...small, form }), {});
    const steps = events.flatMap((event) => (event.kind === 'step' ? [event] : []));
    for (const { auxiliary } of steps) expect(auxiliary).toBeGreaterThan(0);
    const names = internals(network)
      .body.store.all()
      .map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('mixture/gate'))).toEqual([
      'column-0/block-1/mixture/gate',
      `column-0/decoder/block-${form === 'transformer' ? 1 : 3}/mixture/gate`,
    ]);
    const inputs = [
      [1, 2, 3],
      [4, 5],
    ];
    const written = await network.predict('backwards', inputs);
    const place = join(mkdtempSync(join(folder, 'saved-')), 'network');
    await network.save(place);
    const again = await Network.load(place, { tasks: [reversing, sorting] as never });
    expect(await again.predict('backwards' as never, inputs as never)).toEqual(written);
    network.dispose();
    again.dispose();
  });
});

// A head of a stranger that does not say which labels there are, and labels beyond its classes.
import type * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNetwork, crossEntropy, defineTask, denseTrunk, type HeadContext, train } from '../../src/index.ts';
import { linear } from '../../src/layers/index.ts';
import { stemOf } from '../fixtures.ts';

function scores(context: HeadContext) {
  context.settings({ version: 1 });
  const logits = linear(context, 'logits', context.width, 3);
  const loss = crossEntropy();
  return {
    target: { shape: [], dtype: 'int32' as const },
    metrics: [],
    forward: (tokens: tf.Tensor3D) => logits(tokens.mean(1)), // [batch, 3]
    loss: (output: tf.Tensor, target: tf.Tensor) => loss(output as tf.Tensor2D, target as tf.Tensor1D),
    decode: (output: Float32Array) => output[0]!,
  };
}

async function trained(label: number, compile: 'auto' | 'eager') {
  const inputs = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(i), 0, 1]);
  const targets = inputs.map((_, i) => (i === 13 ? label : i % 3));
  const source = arraySource({ inputs, targets, validation: 0 });
  const task = defineTask({ name: 't', source, stem: stemOf, head: scores });
  const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task] });
  try {
    return await lastValueFrom(train(network, { steps: 2, batch: 20, compile }).pipe(toArray()));
  } finally {
    network.dispose();
  }
}

describe.each(['auto', 'eager'] as const)('a label of a head with three classes (%s)', (compile) => {
  it('is refused where it is no class', async () => {
    await expect(trained(3, compile)).rejects.toThrow(
      /^Update 1: the loss of task "t" is NaN, .* labels that are no class of the head/,
    );
  });

  it('counts nothing where it is missing', async () => {
    const events = await trained(-1, compile);
    expect(
      events.filter(({ kind }) => kind === 'step').map((event) => event.kind === 'step' && event.labelled),
    ).toEqual([{ t: 19 }, { t: 19 }]);
  });
});

// Tasks that pull at one trunk, and their gradients by hand.
import * as tf from '@tensorflow/tfjs';
import { arraySource, NO_NETWORK } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';
import { type AnyTask, constantSchedule, defineTask, type Network } from '../../src/index.ts';
import { assemble, internals, passesOf, readExamples, toTensor } from '../../src/network/index.ts';
import { RandomStream } from '../../src/plugin.ts';
import { indicesAt } from '../../src/train/reading/order.ts';
import { numbersTask } from '../fixtures.ts';

export const plain = { batch: 16, seed: 3, schedule: constantSchedule(), clip: Number.POSITIVE_INFINITY };

/** Three, each with inputs of its own. */
export const apart = (): AnyTask[] => [
  numbersTask('a'),
  numbersTask('b', (x) => -3 * x[0]! - x[1]!, { weight: 0.5 }),
  numbersTask('c', (x) => x[2]!),
];

/** Two questions about the same pictures, through one stem with batch normalisation. */
export function together(): AnyTask[] {
  const random = new RandomStream(1, 'pictures');
  const count = 48;
  const data = Float32Array.from({ length: count * 64 }, () => random.uniform());
  const labels = (of: number) => Int32Array.from({ length: count }, (_, i) => Number(data[i * 64 + of]! > 0.5));
  const targets = { left: labels(3), right: labels(40) };
  const source = arraySource({ inputs: { data, shape: [count, 8, 8, 1] }, targets, validation: 0.25 });
  const stem = vision.convStem({ height: 8, width: 8, channels: 1, filters: [4, 4] });
  return (['left', 'right'] as const).map((name) =>
    defineTask({ name, stem, head: vision.classifier({ classes: 2 }), source, target: name }),
  );
}

/** The tasks' gradients on the first batch over the trunk, a row each, and where each variable stands in a row. */
export async function gradientsOf(network: Network) {
  const { body } = internals(network);
  const variables = body.store.of('column-0').filter(({ trainable }) => trainable);
  const statistics = body.store.all().filter(({ trainable }) => !trainable);
  const before = statistics.map(({ tensor }) => tensor.clone());
  const names: string[] = [];
  const rows: number[][] = [];
  for (const pass of passesOf(body.tasks)) {
    const indices = indicesAt(0, pass.source.counts.training, plain.batch, plain.seed);
    const host = assemble(pass, await readExamples('t', pass.source, 'training', indices, NO_NETWORK));
    for (const [t, task] of pass.tasks.entries()) {
      names.push(task.name);
      tf.tidy(() => {
        const { grads } = tf.variableGrads(
          () => {
            const encoded = body.encode(pass, host.inputs.map(toTensor), true);
            const target = toTensor(host.labels[t]!.target);
            const loss = body.loss(task, body.output(task, encoded, target), target);
            return loss.mean().mul(task.definition.weight) as tf.Scalar;
          },
          variables.map(({ tensor }) => tensor),
        );
        rows.push(variables.flatMap(({ tensor }) => [...grads[tensor.name]!.dataSync()]));
      });
    }
  }
  for (const [i, { tensor }] of statistics.entries()) tensor.assign(before[i]!);
  tf.dispose(before);
  let from = 0;
  const parts = variables.map(({ name, scope, tensor: { size } }) => {
    from += size;
    return { name, part: scope, from: from - size, size };
  });
  return { names, rows, parts };
}

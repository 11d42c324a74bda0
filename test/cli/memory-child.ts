// Trains a network whose batch or whose activations take as many bytes as the second argument says, and writes how that ended:
// for the test of little memory.
import { readFileSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { failureText } from '../../src/cli/failure.ts';
import { createNetwork, defineTask, denseTrunk, type StemContext, train } from '../../src/index.ts';
import { linear } from '../../src/layers/index.ts';
import { headOf } from '../fixtures.ts';

const [what, bytes] = [process.argv[2], Number(process.argv[3])];
const BATCH = 64;
const WIDTH = 64;
const size = what === 'batch' ? bytes / 4 / BATCH : 4;
const positions = what === 'activations' ? bytes / 4 / BATCH / WIDTH : 1;
const row = new Float32Array(size).fill(1);

const task = defineTask({
  name: 'numbers',
  stem: (context: StemContext) => {
    const widen = linear(context, 'widen', 4, context.width);
    return {
      modality: 'numbers',
      inputShape: [size],
      prepare: () => row,
      forward: (batch: tf.Tensor) => {
        const few = batch.slice([0, 0], [-1, 4]).expandDims(1).tile([1, positions, 1]) as tf.Tensor3D; // [batch, positions, 4]
        return widen(few); // [batch, positions, width]
      },
    };
  },
  head: headOf,
  source: {
    counts: { training: 100, validation: 0, test: 0 },
    read: (_, indices) => indices.map(() => ({ input: 0, target: 1 })),
  },
});

try {
  const network = await createNetwork({ trunk: denseTrunk({ width: WIDTH, depth: 2 }), tasks: [task] });
  await lastValueFrom(train(network, { steps: 3, batch: BATCH }));
  const kilobytes = /VmPeak:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1];
  process.stdout.write(`trained in ${kilobytes}\n`);
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = 1;
}

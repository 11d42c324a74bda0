// Measures what a mixture of experts costs, forwards and backwards in a graph: each token through k of the experts, and through all of
// them. `node --conditions=source --import tsx test/long/experts-cost.ts` prints milliseconds of processor and of the clock.
import * as tf from '@tensorflow/tfjs';
import { mixtureOfExperts } from '../../src/layers/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { createRunner, startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';

const [BATCH, POSITIONS, WIDTH, HIDDEN] = [32, 64, 128, 128];
const [WARM_UP, TIMES] = [3, 15];

await startRuntime({ require: 'tensorflow' });
const stream = new RandomStream(1, 'tokens');
const shape = [BATCH, POSITIONS, WIDTH] as const;
const values = Float32Array.from({ length: BATCH * POSITIONS * WIDTH }, () => stream.normal());

const middle = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

async function measure(experts: number, k: number) {
  const bench = testContext();
  const layer = mixtureOfExperts({ ...bench.context, width: WIDTH }, `mixture-${experts}-${k}`, {
    experts,
    k,
    hidden: HIDDEN,
  });
  const weights = bench.store.all().map(({ tensor }) => tensor);
  for (const [i, weight] of weights.entries())
    if (i < 2) weight.assign(tf.randomNormal(weight.shape, 0, 0.1, 'float32', i + 1));
  const runner = createRunner();
  const step = () =>
    runner.run(
      {
        kind: 'evaluate',
        key: [experts, k],
        inputs: [{ shape: [...shape], dtype: 'float32', values }],
        variables: weights,
        trace: ([tokens]) => {
          const { value, grads } = tf.variableGrads(
            () =>
              layer(tokens as tf.Tensor3D, { training: false })
                .square()
                .sum() as tf.Scalar,
            weights as tf.Variable[],
          );
          return { value, ...Object.fromEntries(Object.values(grads).map((grad, i) => [`gradient-${i}`, grad.sum()])) };
        },
      },
      'graph',
    );
  const [processor, clock]: [number[], number[]] = [[], []];
  for (let i = 0; i < WARM_UP + TIMES; i++) {
    const [cpu, begin] = [process.cpuUsage(), performance.now()];
    await step();
    const { user, system } = process.cpuUsage(cpu);
    if (i < WARM_UP) continue;
    processor.push((user + system) / 1000);
    clock.push(performance.now() - begin);
  }
  runner.dispose();
  tf.disposeVariables();
  return { processor: middle(processor), clock: middle(clock) };
}

console.log(`${BATCH * POSITIONS} tokens, width ${WIDTH}, hidden layers of ${HIDDEN}`);
for (const experts of [4, 16, 64]) {
  const dense = await measure(experts, experts);
  console.log(`${experts} experts, all: ${dense.processor.toFixed(1)} ms of processor, ${dense.clock.toFixed(1)} ms`);
  for (const k of [2, 4].filter((k) => k < experts)) {
    const { processor, clock } = await measure(experts, k);
    const times = (dense.processor / processor).toFixed(1);
    console.log(
      `${experts} experts, k ${k}: ${processor.toFixed(1)} ms of processor, ${clock.toFixed(1)} ms, ${times} times as fast`,
    );
  }
}

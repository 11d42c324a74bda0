// node --conditions=source --import tsx examples/own-loop.ts [--steps 300]
// A training loop by hand: a learning rate of one's own, which is halved where the tasks get no better; what the tasks' gradients have
// to do with each other; checkpoints of the best. Ends with 1 below its target.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adamW, type BatchGradients, createNetwork, evaluate, stepper, transformerTrunk } from 'banyan-ml';
import { sentences, shapes } from 'banyan-ml/tasks';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '300' } } });
const steps = Number(values.steps);
const WARM_UP = 20;
const LOOK_EVERY = 50;
const TARGET = 0.85;

/** The cosine between the gradients of two tasks over the trunk, which they share. */
function cosine({ gradients }: BatchGradients, a: string, b: string): number {
  const [first, second] = [gradients[a]!, gradients[b]!];
  let [dot, squareA, squareB] = [0, 0, 0];
  for (const name of Object.keys(first).filter((variable) => variable.startsWith('column-0/'))) {
    const [x, y] = [first[name]!.values, second[name]!.values];
    for (let i = 0; i < x.length; i++) {
      dot += x[i]! * y[i]!;
      squareA += x[i]! ** 2;
      squareB += y[i]! ** 2;
    }
  }
  return dot / Math.sqrt(squareA * squareB);
}

const network = await createNetwork({
  trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }),
  tasks: [shapes, sentences],
  seed: 1,
});
const checkpoints = await mkdtemp(join(tmpdir(), 'own-loop-'));
const training = await stepper(network, { batch: 32, seed: 1, optimizer: adamW(), evaluateExamples: 256, checkpoints });
let rate = 2e-3;
let best = 0;
try {
  while (training.steps < steps) {
    const { step, losses } = await training.step({ learningRate: rate * Math.min(1, (training.steps + 1) / WARM_UP) });
    if (step % LOOK_EVERY !== 0 && step !== steps) continue;
    const together = cosine(await training.gradients(), 'shapes', 'sentences');
    const metrics = await training.evaluate();
    const mean = (metrics.shapes!.accuracy! + metrics.sentences!.accuracy!) / 2;
    console.log(JSON.stringify({ step, losses, mean, rate, cosine: together }));
    if (mean > best) {
      best = mean;
      await training.save();
    } else rate /= 2;
  }
} finally {
  await training.close();
}
console.log(await evaluate(network));
await rm(checkpoints, { recursive: true });
if (best < TARGET) {
  console.error(`Below the target of ${TARGET}: ${best}`);
  process.exitCode = 1;
}

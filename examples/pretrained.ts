// npm run banyan -- setup && node --conditions=source --import tsx examples/pretrained.ts --pretraining 800 --steps 300 --examples 1000
//
// Does a network that has seen 54,000 pictures of clothing learn digits from 1,000 examples better than one that begins anew? Trains
// clothing, saves the network, and then digits twice from one seed: with trunk and stem of the first network, and without. Prints one
// JSON line for each, with the accuracy on the 10,000 test digits, and fails where the pretrained one is below the floor.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AnyTask, adamW, convTrunk, createNetwork, evaluate, loadWeights, startRuntime, train } from 'banyan-ml';
import { portion } from 'banyan-ml/data';
import { clothing, digits } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';

const { values } = parseArgs({
  options: {
    pretraining: { type: 'string', default: '800' },
    steps: { type: 'string', default: '300' },
    examples: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '64' },
    seed: { type: 'string', default: '0' },
    floor: { type: 'string', default: '0' },
  },
});
const [pretraining, steps, examples] = [Number(values.pretraining), Number(values.steps), Number(values.examples)];
const [batch, seed, floor] = [Number(values.batch), Number(values.seed), Number(values.floor)];

await startRuntime();
const trunk = convTrunk({ width: 64, depth: 3 });
const folder = mkdtempSync(join(tmpdir(), 'banyan-pretrained-'));

/** Trains a task from a beginning, and gives its test accuracy. */
async function accuracyOf(
  task: AnyTask,
  trained: number,
  { from, to }: { from?: string; to?: string },
): Promise<number> {
  const network = await createNetwork({ trunk, tasks: [task], seed });
  if (from !== undefined) await loadWeights(network, { from, into: ['trunk', `stem/${task.name}`] });
  await lastValueFrom(train(network, { steps: trained, batch, seed, optimizer: adamW({ learningRate: 2e-3 }) }));
  const metrics = await evaluate(network);
  if (to !== undefined) await network.save(to);
  network.dispose();
  return metrics[task.name]!.accuracy!;
}

try {
  const saved = join(folder, 'clothing');
  const say = (line: object) => console.log(JSON.stringify(line));
  say({
    task: 'clothing',
    steps: pretraining,
    accuracy: await accuracyOf(clothing as AnyTask, pretraining, { to: saved }),
  });
  await digits.source.open?.();
  const few = {
    ...digits,
    source: portion(digits.source as never, examples / digits.source.counts.training, seed),
  } as AnyTask;
  const begun = { task: 'digits', examples, steps, seed };
  say({ ...begun, beginning: 'anew', accuracy: await accuracyOf(few, steps, {}) });
  const accuracy = await accuracyOf(few, steps, { from: saved });
  say({ ...begun, beginning: 'clothing', accuracy });
  if (accuracy < floor) {
    console.error(`Below the floor of ${floor}: ${accuracy}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// npm run banyan -- setup && node --conditions=source --import tsx examples/eight-columns.ts
//
// What columns cost: eight tasks on Fashion-MNIST and MNIST come one after the other, each in a column of its own beside all
// before. Twice: with all lateral inputs, and pruned after each column. Prints the curve of the last pruning, and a table of
// parameters, milliseconds a training step and milliseconds a prediction at 1, 2, 4 and 8 columns.
import { parseArgs } from 'node:util';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  evaluate,
  type Network,
  type Pruning,
  train,
  transformerTrunk,
} from 'banyan-ml';
import { NO_NETWORK } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';
import { clothing, digits } from 'banyan-ml/tasks';
import { lastValueFrom, toArray } from 'rxjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '200' },
    batch: { type: 'string', default: '64' },
    width: { type: 'string', default: '32' },
    'max-loss': { type: 'string', default: '0.005' },
  },
});
const [steps, batch, width] = [Number(values.steps), Number(values.batch), Number(values.width)];
const maxLoss = Number(values['max-loss']);

/** Another question about the same pictures; on fewer held-out examples, since they are looked at often. */
function question(name: string, base: typeof clothing | typeof digits, answer: (label: number) => number) {
  const { source, stem } = base as typeof clothing;
  const fewer: typeof source = {
    get counts() {
      return { training: source.counts.training, validation: 1000, test: 2000 };
    },
    read: async (split, indices, context) =>
      (await source.read(split, indices, context)).map(({ input, target }) => ({
        input,
        target: answer(target as number),
      })),
  };
  return defineTask({ name, stem, head: vision.classifier({ classes: 10 }), source: fewer });
}
const questions = [
  question('clothing', clothing, (label) => label),
  question('digits', digits, (label) => label),
  question('shoes', clothing, (label) => Number([5, 7, 9].includes(label))),
  question('odd', digits, (label) => label % 2),
  question('sleeves', clothing, (label) => Number([2, 3, 4, 6].includes(label))),
  question('large', digits, (label) => Number(label >= 5)),
  question('loops', digits, (label) => Number([0, 6, 8, 9].includes(label))),
  question('halves', clothing, (label) => label % 2),
];

const trunk = transformerTrunk({ width, depth: 3, heads: 4 });
const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

/** Trains the last column; median milliseconds of a step. */
async function learn(network: Network): Promise<number> {
  const events = await lastValueFrom(train(network, { steps, batch }).pipe(toArray()));
  return median(events.flatMap((event) => (event.kind === 'step' ? [event.milliseconds] : [])));
}

/** Median milliseconds of a prediction of one picture. */
async function predictionTime(network: Network, task: AnyTask): Promise<number> {
  const [example] = await task.source.read('test', [0], NO_NETWORK);
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const begin = performance.now();
    await network.predict(task, [example!.input]);
    times.push(performance.now() - begin);
  }
  return median(times.slice(10));
}

for (const pruned of [false, true]) {
  const [first, ...later] = questions;
  const network: Network = await createNetwork({ trunk, tasks: [first!], seed: 1 });
  let last: Pruning | undefined;
  for (const [index, task] of [first!, ...later].entries()) {
    if (index > 0) await network.addColumn({ tasks: [task] });
    let milliseconds = await learn(network);
    if (index > 0 && pruned) {
      last = await network.pruneLaterals({ maxLoss });
      // A few updates more, to make up for what was lost, and to see what a step costs now.
      milliseconds = await learn(network);
    }
    if (![1, 2, 4, 8].includes(index + 1)) continue;
    const { accuracy } = (await evaluate(network, { tasks: [task.name] }))[task.name]!;
    const columns = network.columns;
    const lateral = columns.reduce((sum, { parameters }) => sum + parameters.lateral, 0);
    console.log(
      JSON.stringify({
        pruned,
        columns: index + 1,
        task: task.name,
        accuracy,
        parameters: network.summary().parameters,
        lateral,
        adapters: columns.at(-1)!.adapters.length,
        msPerStep: Number(milliseconds.toFixed(1)),
        msPerPrediction: Number((await predictionTime(network, task)).toFixed(2)),
      }),
    );
  }
  for (const { inputs, parameters, metrics } of last?.curve ?? [])
    console.log(JSON.stringify({ inputs, parameters, accuracy: Object.values(metrics)[0]!.accuracy }));
  network.dispose();
}

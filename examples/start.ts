// npm start                     three tasks of three modalities on one trunk; on public data where it is found
// npm start -- --generated      the same on data that is generated: nothing has to be there
// npm start -- --steps 200      a shorter (or longer) training
import { parseArgs } from 'node:util';
import {
  type AnyTask,
  adamW,
  createNetwork,
  evaluate,
  linearBaseline,
  majorityBaseline,
  startRuntime,
  train,
  transformerTrunk,
} from 'banyan-ml';
import { clothing, intents, notes, sentences, shapes, spokenDigits } from 'banyan-ml/tasks';
import { lastValueFrom, tap } from 'rxjs';
import { stepsWithin } from './start/pace.ts';
import { describe, progress, resultTable } from './start/show.ts';

const { values: options } = parseArgs({ options: { generated: { type: 'boolean' }, steps: { type: 'string' } } });
const batch = 32;
const seed = 1;
const print = (text: string) => process.stdout.write(`${text}\n`);

// What does the arithmetic: TensorFlow where it is found.
const runtime = await startRuntime();

// A picture, a sound, a text: each task brings its own way in (stem), way out (head) and data (source).
const real = [clothing, spokenDigits, intents];
const missing = real.filter((task) => task.source.facts?.missing !== undefined).map((task) => task.name);
const generated = options.generated === true || missing.length > 0;
const tasks: readonly AnyTask[] = generated ? [shapes, notes, sentences] : real;

// All tasks share the trunk: that is what they learn together. One block and a high learning rate: two minutes are short.
const trunk = transformerTrunk({ width: 64, depth: 1, heads: 4, dropout: 0.1 });
const optimizer = adamW({ learningRate: 5e-3 });
const create = () => createNetwork({ trunk, tasks, seed });
const network = await create();

print(`\nOne trunk, ${tasks.length} tasks${generated ? ', on generated data' : ''}\n`);
print(describe(network));
if (generated && !options.generated)
  print(`\n  No data for ${missing.join(', ')}, so it is generated; docs/data.md says where it goes.`);
const version = runtime.tensorflow === undefined ? 'plain JavaScript' : `TensorFlow ${runtime.tensorflow}`;
print(`\n${version} on ${runtime.device}, ${runtime.threads} threads\n`);

// As many steps as fit into a minute and a half on this machine; the learning rate falls to 0 over just these. Where the
// machine turns out to be slower, two minutes are enough.
const fixed = options.steps === undefined ? undefined : Number(options.steps);
const steps = fixed ?? (await stepsWithin(95_000, await create(), { batch, most: 2500 }));
const begin = performance.now();
const seconds = () => Math.round((performance.now() - begin) / 1000);
let step = 0;
const events = train(network, { steps, batch, optimizer, seed, stop: () => fixed === undefined && seconds() >= 120 });
await lastValueFrom(
  events.pipe(
    tap((event) => {
      step = event.step;
      const line = progress(event);
      if (line !== undefined) print(line);
    }),
  ),
);
print(`\nTrained ${step} steps in ${seconds()} s. Now the examples that nobody has seen.\n`);

// How good is that? A network that learned nothing would only name the most frequent class; a linear model sees the
// same numbers as the network.
const metrics = await evaluate(network);
const rows: Parameters<typeof resultTable>[0][number][] = [];
for (const { name } of tasks) {
  const [majority, linear] = [await majorityBaseline(network, name), await linearBaseline(network, name)];
  rows.push({ task: name, joint: metrics[name]!.accuracy!, majority, linear });
}
network.dispose();
print(resultTable(rows));

const beaten = rows.filter(({ joint, majority }) => joint <= majority).map(({ task }) => task);
if (beaten.length > 0) {
  print(
    `\n${beaten.join(', ')}: no better than the most frequent class. Something is wrong; \`npm run banyan -- doctor\` may say what.`,
  );
  process.exitCode = 1;
}

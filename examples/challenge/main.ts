// npm start                    identifies images, plays Space Invaders and listens to music, in one network (4 minutes)
// npm start -- --full          the same for longer (twenty minutes)
// npm start -- --watch         with a page on which people look while it trains
// npm start -- --generated     on data that is generated: nothing has to be there
//
// "There is no neural network in the world, and no method right now that can be trained to identify objects and images, play
// Space Invaders, and listen to music" (Raia Hadsell). Here one trunk is trained for the three jointly, from nothing; then a
// fourth task joins in a column of its own, and not one bit of what the network does changes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AnyTask,
  createNetwork,
  evaluate,
  gallery,
  linearBaseline,
  majorityBaseline,
  runPage,
  startRuntime,
  type TrainingEvent,
  train,
  watch,
} from 'banyan-ml';
import {
  clothing,
  instruments,
  intents,
  notes,
  SpaceInvaders,
  sentences,
  shapes,
  spaceInvaders,
} from 'banyan-ml/tasks';
import { connectable, lastValueFrom, tap } from 'rxjs';
import { learnLater } from './later.ts';
import { optionsOrExit } from './options.ts';
import { stepsWithin } from './pace.ts';
import { randomReturn } from './random-player.ts';
import { describe, LEGEND, progress, type Row, resultTable } from './show.ts';
import { full, start } from './sizes.ts';

const options = optionsOrExit(process.argv.slice(2));
const { seed } = options;
const size = options.full ? full : start;
const print = (text: string) => process.stdout.write(`${text}\n`);
const from = performance.now();

// What does the arithmetic: TensorFlow where it is found.
const runtime = await startRuntime();

// A picture, a game, a sound: each task brings its own way in (stem), way out (head) and data (source).
const missing = [clothing, instruments, intents].filter(({ source }) => source.facts?.missing !== undefined);
const generated = options.generated || missing.length > 0;
const [images, music, later]: AnyTask[] = generated ? [shapes, notes, sentences] : [clothing, instruments, intents];
// Its gradients are the smallest ones: the trunk would hear it too little.
const game: AnyTask = { ...spaceInvaders, weight: 4 };
const three = [images!, game, music!];
const unknown = options.only?.find((name) => !three.some((task) => task.name === name));
if (unknown !== undefined) {
  const names = three.map(({ name }) => name).join(', ');
  process.stderr.write(`error: --only: there is no task "${unknown}" here. Expected some of: ${names}.\n`);
  process.exit(2);
}
const tasks = three.filter(({ name }) => options.only?.includes(name) ?? true);
const batch = Object.fromEntries(
  tasks.map(({ name }) => [
    name,
    name === game.name ? size.batch.game : name === music!.name ? size.batch.music : size.batch.images,
  ]),
);

// All tasks share the trunk: that is what they learn together.
const create = () => createNetwork({ trunk: size.trunk, tasks, seed });
const network = await create();
print(`\nOne trunk, ${tasks.length} tasks${generated ? ', on generated data' : ''}\n`);
print(describe(network));
if (generated && !options.generated) {
  const names = missing.map(({ name }) => name).join(', ');
  print(`\n  No data for ${names}, so it is generated; docs/data.md says where it goes.`);
}
const version = runtime.tensorflow === undefined ? 'plain JavaScript' : `TensorFlow ${runtime.tensorflow}`;
print(`\n${version} on ${runtime.device}, ${runtime.threads} threads\n`);

const { length } = size;
const fixed = options.steps;
const steps =
  fixed ?? ('steps' in length ? length.steps : await stepsWithin(length.milliseconds, await create(), batch));
let begin = 0;
const seconds = () => (performance.now() - begin) / 1000;
const training = train(network, {
  steps,
  batch,
  optimizer: size.optimizer,
  schedule: size.schedule,
  seed,
  ...(steps >= 1000 ? { evaluateEvery: Math.floor(steps / 10), evaluateExamples: 500 } : {}),
  stop: () => fixed === undefined && 1000 * seconds() >= size.most,
});
// It begins once all who want to see it are there.
const live = connectable(training);
const title = 'Pictures, a game and sounds in one network';
const page = options.watch ? await watch(live, network, { title }) : undefined;
if (page !== undefined) print(`Watch it at ${page.url}\n`);
const events: TrainingEvent[] = [];
const ended = lastValueFrom(
  live.pipe(
    tap((event) => {
      events.push(event);
      const line = progress(event);
      if (line !== undefined) print(line);
    }),
  ),
);
begin = performance.now();
live.connect();
await ended;
const took = seconds();
const { step } = events.at(-1)!;
await page?.close();
print(`\nTrained ${step} steps in ${Math.round(took)} s. Now what nobody has seen: other examples, other episodes.\n`);

// How good is that? A network that learned nothing would only name the most frequent class; a linear model is what one would
// try first.
const besides = async (task: string) => ({
  linear: await linearBaseline(network, task),
  majority: await majorityBaseline(network, task),
});
const metrics = await evaluate(network);
const rows: Row[] = [];
for (const { name } of tasks) {
  if (name === game.name) {
    const { return: mean, 'standard-error': error } = metrics[name]!;
    rows.push({ task: name, return: mean!, error: error!, random: randomReturn(() => new SpaceInvaders(), 10_000) });
  } else {
    rows.push({ task: name, accuracy: metrics[name]!.accuracy!, ...(await besides(name)) });
  }
}
print(`${resultTable(rows)}\n\n${LEGEND}`);
const unlearned = rows.filter((row) => ('return' in row ? row.return <= row.random : row.accuracy <= row.majority));
if (unlearned.length > 0) {
  print(
    `\n${unlearned.map(({ task }) => task).join(', ')}: no better than chance. Something is wrong; \`npm run banyan -- doctor\` may say what.`,
  );
  process.exit(1);
}

// One task more, years later: it hears what is there, and changes nothing of it.
print(`\nNow ${later!.name}, in a column of its own …`);
const { same, changed, heard } = await learnLater(network, later!, {
  steps: fixed === undefined ? size.later : Math.min(fixed, size.later),
  batch: size.batch.later,
  seed,
});
const added = await evaluate(network, { tasks: [later!.name] });
const reached = { ...metrics, ...added };
const accuracy = added[later!.name]!.accuracy!;
const laterRow: Row = { task: later!.name, accuracy, ...(await besides(later!.name)) };
print(resultTable([laterRow]));
print(
  `\n${later!.name}: ${(100 * accuracy).toFixed(1)} %, hearing ${heard} channels of what was there. Of ${same + changed} outputs of the older tasks ${same} are the same to the bit.`,
);

await mkdir(options.out, { recursive: true });
await network.save(join(options.out, 'network'));
const result = {
  size: options.full ? 'full' : 'start',
  seed,
  steps: step,
  seconds: took,
  rows,
  later: laterRow,
  metrics: reached,
};
await writeFile(join(options.out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
const facts = [
  ['trunk', `${size.trunk.kind}, width ${size.trunk.width}, depth ${size.trunk.depth}`],
  ['later', `${later!.name}, in a column of its own`],
  ['seed', `${seed}`],
] as const;
const shown = { title, facts, events, metrics: reached, gallery: await gallery(network) };
await writeFile(join(options.out, 'report.html'), await runPage(shown));
network.dispose();
print(
  `\nNetwork, figures and a page to look at (report.html): ${options.out}. ${Math.round((performance.now() - from) / 1000)} s in all.`,
);

if (changed > 0) {
  print(`\n${changed} outputs changed, expected none. Something is wrong.`);
  process.exitCode = 1;
}

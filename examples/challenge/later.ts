import { isDeepStrictEqual } from 'node:util';
import { type AnyTask, type Network, type TrainOptions, train } from 'banyan-ml';
import { NO_NETWORK } from 'banyan-ml/data';
import { RandomStream } from 'banyan-ml/plugin';
import { SpaceInvaders } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';

const EXAMPLES = 200;

/** Raw inputs of a task: what nobody has trained on; of a game, what a random player sees. */
async function inputsOf(task: AnyTask): Promise<readonly unknown[]> {
  const { source } = task;
  if (source.lockStep !== true) {
    const indices = Array.from({ length: Math.min(EXAMPLES, source.counts.test) }, (_, i) => i);
    return (await source.read('test', indices, NO_NETWORK)).map(({ input }) => input);
  }
  const [game, random] = [new SpaceInvaders(), new RandomStream(0, 'inputs')];
  return Array.from({ length: EXAMPLES }, () => {
    if (game.terminated) game.reset();
    game.step(random.integer(game.actions.length), random);
    const seen = new Float32Array(game.observationShape.reduce((a, b) => a * b, 1));
    game.observe(seen);
    return seen;
  });
}

/**
 * Trains a task in a column of its own, beside what is there, which it hears and cannot change. Returns of how many of the
 * older tasks' outputs each number is as it was, to the bit, and of how many not; and how many channels it hears.
 */
export async function learnLater(network: Network, task: AnyTask, options: TrainOptions) {
  const old = network.tasks.map(({ name }) => name);
  const inputs = new Map<string, readonly unknown[]>();
  for (const known of network.tasks) inputs.set(known.name, await inputsOf(known));
  const outputs = async () => {
    const all: unknown[] = [];
    for (const name of old) all.push(...(await network.predict(name, inputs.get(name)!)));
    return all;
  };
  const before = await outputs();
  await network.addColumn({ tasks: [task] });
  await lastValueFrom(train(network, options));
  const after = await outputs();
  const changed = before.filter((output, i) => !isDeepStrictEqual(output, after[i])).length;
  const heard = network.columns.at(-1)!.adapters.reduce((sum, { channels }) => sum + channels, 0);
  return { same: before.length - changed, changed, heard };
}

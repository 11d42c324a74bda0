import type { EnvironmentFactory, SampleOutput, SourceContext, Split } from 'banyan-ml';
import { RandomStream } from 'banyan-ml/plugin';
import type { Episode } from './experience.ts';
import { World } from './world.ts';

/** It chooses an action by what a head gives, and says how undecided that was, in nats. */
export type Act = (output: SampleOutput, random: RandomStream) => { readonly action: number; readonly entropy: number };

export interface PlayOptions {
  readonly environment: EnvironmentFactory;
  /** The head of this task acts. */
  readonly task: string;
  readonly act: Act;
  /** An episode is cut after so many steps. */
  readonly limit: number;
  readonly seed: number;
}

/**
 * Plays whole episodes, all side by side, each with a random stream of its own: number `i` of a split is the same episode
 * whichever others are played, for equal weights.
 */
export async function playEpisodes(
  { environment, task, act, limit, seed }: PlayOptions,
  split: Split,
  indices: readonly number[],
  context: SourceContext,
): Promise<readonly { readonly input: Float32Array; readonly target: Episode }[]> {
  const games = indices.map((index) => {
    const world = new World(environment, task);
    const random = new RandomStream(seed, `${split} episode ${index}`);
    world.reset(random);
    return { world, random, seen: new Float32Array(world.width), return: 0, length: 0, entropy: 0 };
  });
  for (;;) {
    const playing = games.filter(({ world, length }) => !world.over && length < limit);
    if (playing.length === 0) break;
    for (const game of playing) game.world.observe(game.seen);
    const outputs = await context.predict(
      task,
      playing.map(({ seen }) => seen),
    );
    for (const [i, game] of playing.entries()) {
      const { action, entropy } = act(outputs[i]!, game.random);
      game.return += game.world.step(action, game.random);
      game.entropy += entropy;
      game.length++;
    }
  }
  return games.map(({ seen, return: sum, length, entropy }) => ({
    input: seen,
    target: { return: sum, length, entropy: length === 0 ? 0 : entropy / length },
  }));
}

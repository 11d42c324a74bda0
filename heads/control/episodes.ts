import type { EnvironmentFactory, Mark, SampleOutput, SourceContext, Split } from 'banyan-ml';
import { RandomStream } from 'banyan-ml/plugin';
import type { Episode } from './experience.ts';
import { World } from './world.ts';

/** What there is to act on. */
export interface Moment {
  readonly input: unknown;
  /** The reward of the step before, 0 at the first. */
  readonly reward: number;
}

/** It chooses an action by what a head gives, and says how undecided that was, in nats, and in words why, where it can. */
export type Act = (
  output: SampleOutput,
  random: RandomStream,
  moment: Moment,
) => {
  readonly action: number;
  readonly entropy: number;
  readonly why?: string;
  /** Points out what it acts on, for a person; to be called once a step. */
  readonly marks?: () => readonly Mark[];
};

/** Gives what is to be seen of each world, as the task's stem takes it. */
export type Look<Input> = (
  worlds: readonly World[],
  context: SourceContext,
) => readonly Input[] | Promise<readonly Input[]>;

/** Sees what an environment observes. */
export const lookAtObservations: Look<Float32Array> = (worlds) => worlds.map((world) => world.look());

export interface PlayOptions<Input> {
  readonly environment: EnvironmentFactory;
  /** The head of this task acts. */
  readonly task: string;
  readonly look: Look<Input>;
  /** Makes the one who acts in one episode. */
  readonly player: () => Act;
  /** An episode is cut after so many steps. */
  readonly limit: number;
  readonly seed: number;
}

/**
 * Plays whole episodes, all side by side, each with a random stream of its own: number `i` of a split is the same episode
 * whichever others are played, for equal weights.
 */
export async function playEpisodes<Input>(
  { environment, task, look, player, limit, seed }: PlayOptions<Input>,
  split: Split,
  indices: readonly number[],
  context: SourceContext,
): Promise<readonly { readonly input: Input; readonly target: Episode }[]> {
  const games = indices.map((index) => {
    const world = new World(environment, task);
    const random = new RandomStream(seed, `${split} episode ${index}`);
    world.reset(random);
    const episode = { return: 0, length: 0, entropy: 0, rewarded: 0, punished: 0 };
    return { world, random, act: player(), reward: 0, input: undefined as Input | undefined, episode };
  });
  for (;;) {
    const playing = games.filter(({ world, episode }) => !world.over && episode.length < limit);
    if (playing.length === 0) break;
    const inputs = await look(
      playing.map(({ world }) => world),
      context,
    );
    const outputs = await context.predict(task, inputs);
    for (const [i, game] of playing.entries()) {
      const { world, random, act, episode } = game;
      game.input = inputs[i]!;
      const { action, entropy } = act(outputs[i]!, random, { input: game.input, reward: game.reward });
      const reward = world.step(action, random);
      game.reward = reward;
      episode.return += reward;
      episode.length++;
      episode.entropy += entropy;
      if (reward > 0) episode.rewarded++;
      if (reward < 0) episode.punished++;
    }
  }
  return games.map(({ input, episode }) => ({
    input: input!,
    target: { ...episode, entropy: episode.length === 0 ? 0 : episode.entropy / episode.length },
  }));
}

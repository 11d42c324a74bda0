import type { EnvironmentFactory, Json, SampleOf } from 'banyan-ml';
import type { Example, Source, SourceContext } from 'banyan-ml/data';
import { check, checkSeed, count, RandomStream } from 'banyan-ml/plugin';
import { advantages } from './advantage.ts';
import { demonstrating } from './demonstration.ts';
import { type Act, lookAtObservations, playEpisodes } from './episodes.ts';
import type { Episode, Experience } from './experience.ts';
import type { ActorCriticOutput } from './heads/actor-critic.ts';
import { draw, entropyOf, logSoftmax } from './policy.ts';
import { assertSameOptions, assertScores } from './state.ts';
import { World } from './world.ts';

export interface RolloutsOptions {
  readonly environment: EnvironmentFactory;
  /** The name of the task whose `actorCritic` head acts: the one that this source belongs to. */
  readonly task: string;
  /** So many environments run side by side. Default 64. */
  readonly environments?: number;
  /** Each of them takes so many steps between two rounds of learning. Default 32. */
  readonly steps?: number;
  /** All experience of a round is learned from so often. Default 3; give 1 for `a2c`. */
  readonly epochs?: number;
  /** A reward one step later is worth so much. Default 0.99. */
  readonly gamma?: number;
  /** The lambda of `advantages`. Default 0.95. */
  readonly lambda?: number;
  /** The validation and the test split have so many episodes. Default 20 and 100. */
  readonly episodes?: { readonly validation: number; readonly test: number };
  /** An episode of those is cut after so many steps. Default 10,000. */
  readonly limit?: number;
  /** All chance begins with this seed: environments, actions, order of learning. Default 0. */
  readonly seed?: number;
}

/** A round holds what was played, in the order of the environments, step after step in each. */
interface Round {
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly logProbabilities: Float32Array;
  readonly advantages: Float32Array;
  readonly values: Float32Array;
}

/** Draws from the policy. */
const act: Act = (output, random) => {
  const logs = logSoftmax((output as SampleOf<ActorCriticOutput>).policy);
  return { action: draw(logs, random), entropy: entropyOf(logs) };
};

/**
 * Makes the source of on-policy experience for `actorCritic`: all environments play `steps` steps with the weights as they are, in
 * lock-step with the updates; then batches of that experience follow, shuffled, each of it `epochs` times, and then the next round.
 * The weights that played are those before the first update of the round, so up to `environments` x `steps` x `epochs` / batch - 1
 * updates old, which PPO's clipping is for. What would have followed where an episode was cut is the value of its last
 * observation. Advantages have mean 0 and deviation 1 over a round. Episodes go on from round to round. The other splits are whole
 * episodes with seeds of their own.
 * @throws BanyanError `argument` for counts that are not whole or not positive, a seed that is none.
 */
export function rollouts(options: RolloutsOptions): Source<Float32Array, Experience | Episode> {
  const { environment, task, environments = 64, steps = 32, epochs = 3 } = options;
  const { gamma = 0.99, lambda = 0.95, episodes = { validation: 20, test: 100 }, limit = 10_000, seed = 0 } = options;
  check('rollouts', { environments, steps, epochs, limit }, count);
  checkSeed('rollouts: seed', seed);
  const worlds = Array.from({ length: environments }, () => new World(environment, task));
  const size = environments * steps;
  const width = worlds[0]!.width;
  const all = size * epochs;
  let rounds = 0;
  let round: Round | undefined;
  /** So many samples of the round were handed out. */
  let position = all;
  /** The environments after the round: taken once, since they are asked for after each batch. */
  let worldStates: readonly Json[] | undefined;
  const learning = { gamma, lambda, seed };
  const madeWith = {
    task,
    environments,
    steps,
    epochs,
    width,
    actions: [...worlds[0]!.environment.actions],
    ...learning,
  };
  /**
   * Observations of the round before this one, and the step at which this one took its place. They are large, and fresh ones for
   * each round had V8 collect all garbage beside the device: the next round is played into them, unless a state that is still
   * needed holds them.
   */
  let before: { readonly observations: Float32Array; readonly step: number } | undefined;
  /** The name of the draws, of the training and of this source. */
  let chance = '';

  async function play(context: SourceContext): Promise<Round> {
    const random = new RandomStream(seed, `${chance} round ${rounds}`);
    if (rounds === 1) for (const world of worlds) world.reset(random);
    const free = before !== undefined && context.step > before.step ? before.observations : undefined;
    const observations = free ?? new Float32Array(size * width);
    const [actions, logs] = [new Float32Array(size), new Float32Array(size)];
    const paths = worlds.map(() => ({
      rewards: new Float32Array(steps),
      values: new Float32Array(steps + 1),
      ends: new Uint8Array(steps),
      cuts: new Float32Array(steps),
    }));
    const cuts: { readonly i: number; readonly t: number; readonly seen: Float32Array }[] = [];
    const look = (into: Float32Array, slotOf: (i: number) => number) =>
      worlds.map((world, i) => {
        const at = slotOf(i) * width;
        world.observe(into, at);
        return into.subarray(at, at + width);
      });
    for (let t = 0; t < steps; t++) {
      const outputs = await context.predict(
        task,
        look(observations, (i) => i * steps + t),
      );
      for (const [i, world] of worlds.entries()) {
        const { policy, value } = outputs[i] as SampleOf<ActorCriticOutput>;
        assertScores(task, policy, world.environment.actions.length, 'actorCritic');
        const probabilities = logSoftmax(policy);
        const action = draw(probabilities, random);
        const path = paths[i]!;
        actions[i * steps + t] = action;
        logs[i * steps + t] = probabilities[action]!;
        path.values[t] = value[0]!;
        path.rewards[t] = world.step(action, random);
        path.ends[t] = Number(world.over);
        if (world.cut) cuts.push({ i, t, seen: world.look() });
        if (world.over) world.reset(random);
      }
    }
    const after = new Float32Array(environments * width);
    const outputs = await context.predict(
      task,
      look(after, (i) => i),
    );
    if (cuts.length > 0) {
      const last = await context.predict(
        task,
        cuts.map(({ seen }) => seen),
      );
      for (const [k, { i, t }] of cuts.entries())
        paths[i]!.cuts[t] = (last[k] as SampleOf<ActorCriticOutput>).value[0]!;
    }
    const gained = paths.map((path, i) => {
      path.values[steps] = (outputs[i] as SampleOf<ActorCriticOutput>).value[0]!;
      return advantages(path, gamma, lambda);
    });
    const values = new Float32Array(size);
    const flat = new Float32Array(size);
    for (const [i, advantage] of gained.entries()) {
      flat.set(advantage, i * steps);
      for (let t = 0; t < steps; t++) values[i * steps + t] = advantage[t]! + paths[i]!.values[t]!;
    }
    return { observations, actions, logProbabilities: logs, advantages: standardised(flat), values };
  }

  const sample = (from: Round, at: number): Example<Float32Array, Experience> => ({
    input: from.observations.subarray(at * width, (at + 1) * width),
    target: {
      action: from.actions[at]!,
      logProbability: from.logProbabilities[at]!,
      advantage: from.advantages[at]!,
      value: from.values[at]!,
    },
  });

  /** The order in which the samples of one epoch come. */
  let order: { readonly epoch: string; readonly places: Uint32Array } | undefined;
  const placeOf = (at: number): number => {
    const epoch = `${chance} round ${rounds} epoch ${Math.floor(at / size)}`;
    if (order?.epoch !== epoch) order = { epoch, places: shuffled(size, new RandomStream(seed, epoch)) };
    return order.places[at % size]!;
  };

  const playing = { environment, task, look: lookAtObservations, player: () => act, limit, seed };
  return {
    facts: { description: `Experience of ${environments} environments, made while it trains` },
    counts: { training: Number.POSITIVE_INFINITY, ...episodes },
    lockStep: true,
    ready: (count) => position + count <= all,
    ...demonstrating(playing),
    read: async (split, indices, context) => {
      if (split !== 'training') return playEpisodes(playing, split, indices, context);
      chance = `training ${context.seed}`;
      const examples: Example<Float32Array, Experience>[] = [];
      for (const _ of indices) {
        if (position >= all) {
          rounds++;
          const next = await play(context);
          before = round && { observations: round.observations, step: context.step };
          round = next;
          [position, worldStates] = [0, undefined];
        }
        examples.push(sample(round!, placeOf(position++)));
      }
      return examples;
    },
    state: () => {
      worldStates ??= worlds.map(({ environment }) => environment.state());
      return { madeWith, rounds, position, worlds: worldStates, round: round === undefined ? null : { ...round } };
    },
    restore: (state) => {
      const saved = state as {
        readonly madeWith: Json;
        readonly rounds: number;
        readonly position: number;
        readonly worlds: readonly Json[];
        readonly round: Round | null;
      };
      assertSameOptions(task, saved.madeWith, madeWith);
      ({ rounds, position, worlds: worldStates } = saved);
      for (const [i, { environment }] of worlds.entries()) environment.restore(saved.worlds[i]!);
      round = saved.round ?? undefined;
      before = undefined;
    },
  };
}

/** Shifts and scales the values to mean 0 and deviation 1. */
function standardised(values: Float32Array): Float32Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const scale = 1 / (Math.sqrt(variance) + 1e-8);
  return values.map((value) => (value - mean) * scale);
}

/** The numbers below `count`, each once (Fisher and Yates). */
function shuffled(count: number, random: RandomStream): Uint32Array {
  const places = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places;
}

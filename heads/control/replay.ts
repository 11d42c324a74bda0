import { BanyanError, type EnvironmentFactory, type Json } from 'banyan-ml';
import type { Example, Source, SourceContext } from 'banyan-ml/data';
import { check, checkSeed, count, RandomStream } from 'banyan-ml/plugin';
import { demonstrating } from './demonstration.ts';
import { type Act, lookAtObservations, playEpisodes } from './episodes.ts';
import type { ActionValue, Episode } from './experience.ts';
import { best } from './policy.ts';
import { assertSameOptions, assertScores } from './state.ts';
import { World } from './world.ts';

export interface ReplayOptions {
  readonly environment: EnvironmentFactory;
  /** The name of the task whose `qValues` head acts: the one that this source belongs to. */
  readonly task: string;
  /** So many environments run side by side; each plays one step before an update. Default 8. */
  readonly environments?: number;
  /** So many steps are remembered, of all environments together. Default 20,000. */
  readonly capacity?: number;
  /** So many steps, all at random, are played before the first update. Default 1,000. */
  readonly warmUp?: number;
  /** The share of random actions falls from 1 to `exploration` over so many steps. Default 20,000. */
  readonly decay?: number;
  /** The share of random actions from then on. Default 0.05. */
  readonly exploration?: number;
  /** The target network becomes what the network is after every so many updates. Default 500. */
  readonly refresh?: number;
  /** A reward one step later is worth so much. Default 0.99. */
  readonly gamma?: number;
  /** The validation and the test split have so many episodes. Default 20 and 100. */
  readonly episodes?: { readonly validation: number; readonly test: number };
  /** An episode of those is cut after so many steps. Default 10,000. */
  readonly limit?: number;
  /** All chance begins with this seed. Default 0. */
  readonly seed?: number;
}

/** A row is one step of all environments, in one array that is also saved as one. */
interface Row {
  readonly numbers: Float32Array;
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly rewards: Float32Array;
  /** Each says how the episode ended with the step: `GOES_ON`, `TERMINATED` or `CUT`. */
  readonly ends: Float32Array;
  /** The last observations of the episodes that were cut, in the order of the environments. */
  readonly cuts: Float32Array;
}

const [GOES_ON, TERMINATED, CUT] = [0, 1, 2];

function rowOf(numbers: Float32Array, environments: number, width: number): Row {
  const seen = environments * width;
  const [actions, rewards, ends] = [0, 1, 2].map((k) =>
    numbers.subarray(seen + k * environments, seen + (k + 1) * environments),
  ) as [Float32Array, Float32Array, Float32Array];
  const cuts = numbers.subarray(seen + 3 * environments);
  return { numbers, observations: numbers.subarray(0, seen), actions, rewards, ends, cuts };
}

const act: Act = (output) => ({ action: best(output as Float32Array), entropy: 0 });

/**
 * Makes the source of experience for `qValues` out of a memory of what was played, for double Q-learning (van Hasselt, Guez and
 * Silver 2016, "Deep Reinforcement Learning with Double Q-learning"): an action is worth `r + γ Q'(s', argmax_a Q(s', a))`, where Q is the network as it
 * is and Q' the network as it was at the last refresh, or r alone where the episode terminated
 * (where it was cut, s' is its last observation). Before each update every environment
 * plays one step with the weights as they are (the best action, or by `exploration` any), in lock-step; the batch is drawn from
 * the memory evenly. The other splits are whole episodes with seeds of their own, always the best action.
 * @throws BanyanError `argument` for counts that are not whole or not positive, a seed that is none, or a warm-up beyond the capacity.
 */
export function replay(options: ReplayOptions): Source<Float32Array, ActionValue | Episode> {
  const { environment, task, environments = 8, capacity = 20_000, warmUp = 1000, decay = 20_000 } = options;
  const { exploration = 0.05, refresh = 500, gamma = 0.99, limit = 10_000, seed = 0 } = options;
  const { episodes = { validation: 20, test: 100 } } = options;
  check('replay', { environments, capacity, warmUp, decay, refresh, limit }, count);
  checkSeed('replay: seed', seed);
  const most = Math.floor(capacity / environments);
  // One step more than those that can be learned from: what followed the last one is not known yet.
  const least = Math.ceil(warmUp / environments) + 1;
  if (least > most) {
    throw new BanyanError(
      'argument',
      `replay: capacity must hold the warm-up of ${warmUp} steps and one step more of each of ${environments} environments, received ${capacity}. Enlarge it.`,
    );
  }
  const worlds = Array.from({ length: environments }, () => new World(environment, task));
  const actions = worlds[0]!.environment.actions.length;
  const width = worlds[0]!.width;
  const target = `target of ${task}`;
  const learning = { warmUp, decay, exploration, refresh, gamma, seed };
  const madeWith = { task, environments, capacity, width, actions: [...worlds[0]!.environment.actions], ...learning };
  /** Step t of the environments is at `t % most`. */
  let rows: Row[] = [];
  /** Steps that each environment has played. */
  let played = 0;
  let updates = 0;

  /** Plays one step of all environments. */
  async function play(random: RandomStream, context: SourceContext): Promise<void> {
    for (const world of worlds) if (played === 0 || world.over) world.reset(random);
    const row = rowOf(new Float32Array(environments * (width + 3)), environments, width);
    const cuts: Float32Array[] = [];
    const { observations } = row;
    for (const [i, world] of worlds.entries()) world.observe(observations, i * width);
    const steps = played * environments;
    const share = Math.max(exploration, 1 - ((1 - exploration) * Math.max(0, steps - warmUp)) / decay);
    const free = worlds.map(() => random.uniform() < share);
    const outputs = free.every(Boolean)
      ? []
      : await context.predict(
          task,
          worlds.map((_, i) => observations.subarray(i * width, (i + 1) * width)),
        );
    for (const [i, world] of worlds.entries()) {
      const scores: unknown = outputs[i];
      if (!free[i]) assertScores(task, scores, actions, 'qValues');
      const action = free[i] ? random.integer(actions) : best(scores as Float32Array);
      row.actions[i] = action;
      row.rewards[i] = world.step(action, random);
      row.ends[i] = world.cut ? CUT : world.over ? TERMINATED : GOES_ON;
      if (world.cut) cuts.push(world.look());
    }
    rows[played++ % most] = cuts.length === 0 ? row : withCuts(row, cuts);
  }

  const withCuts = ({ numbers }: Row, cuts: readonly Float32Array[]): Row => {
    const all = new Float32Array(numbers.length + cuts.length * width);
    all.set(numbers);
    for (const [k, seen] of cuts.entries()) all.set(seen, numbers.length + k * width);
    return rowOf(all, environments, width);
  };
  /** Finds what was seen last in an episode that was cut. */
  const lastOf = ({ ends, cuts }: Row, i: number): Float32Array | undefined => {
    if (ends[i] !== CUT) return undefined;
    const k = ends.subarray(0, i).filter((end) => end === CUT).length;
    return cuts.subarray(k * width, (k + 1) * width);
  };

  async function sampleBatch(size: number, random: RandomStream, context: SourceContext) {
    const oldest = Math.max(0, played - most);
    const seen = (t: number, i: number) => rows[t % most]!.observations.subarray(i * width, (i + 1) * width);
    const places = Array.from({ length: size }, () => ({
      t: oldest + random.integer(played - 1 - oldest),
      i: random.integer(environments),
    }));
    const next = places.map(({ t, i }) => lastOf(rows[t % most]!, i) ?? seen(t + 1, i));
    const now = await context.predict(task, next);
    for (const scores of now) assertScores(task, scores, actions, 'qValues');
    const then = await context.predict(task, next, { weights: target });
    return places.map(({ t, i }, k): Example<Float32Array, ActionValue> => {
      const { actions: taken, rewards, ends } = rows[t % most]!;
      const after = (then[k] as Float32Array)[best(now[k] as Float32Array)]!;
      return {
        input: seen(t, i),
        target: { action: taken[i]!, value: rewards[i]! + (ends[i] === TERMINATED ? 0 : gamma * after) },
      };
    });
  }

  const playing = { environment, task, look: lookAtObservations, player: () => act, limit, seed };
  return {
    facts: { description: `Memory of ${environments} environments, made while it trains` },
    counts: { training: Number.POSITIVE_INFINITY, ...episodes },
    lockStep: true,
    ...demonstrating(playing),
    read: async (split, indices, context) => {
      if (split !== 'training') return playEpisodes(playing, split, indices, context);
      const random = new RandomStream(seed, `training ${context.seed} update ${updates}`);
      if (updates % refresh === 0) await context.snapshot(target);
      do await play(random, context);
      while (played < least);
      updates++;
      return sampleBatch(indices.length, random, context);
    },
    state: () => ({
      madeWith,
      played,
      updates,
      worlds: worlds.map(({ environment }) => environment.state()),
      rows: rows.map(({ numbers }) => numbers),
    }),
    restore: (state) => {
      const saved = state as {
        readonly madeWith: Json;
        readonly played: number;
        readonly updates: number;
        readonly worlds: readonly Json[];
        readonly rows: readonly Float32Array[];
      };
      assertSameOptions(task, saved.madeWith, madeWith);
      ({ played, updates } = saved);
      for (const [i, { environment }] of worlds.entries()) environment.restore(saved.worlds[i]!);
      rows = saved.rows.map((numbers) => rowOf(numbers, environments, width));
    },
  };
}

import type { Example, Source, SourceContext } from 'banyan-ml/data';
import { check, count, type RandomStream } from 'banyan-ml/plugin';
import { type Act, lookAtObservations } from './episodes.ts';
import type { ActionValue, Episode } from './experience.ts';
import { LIMIT, Memory, type MemoryOptions, remembering } from './memory.ts';
import { best } from './policy.ts';
import { assertScores } from './state.ts';

export interface ReplayOptions extends MemoryOptions {
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
  const { exploration = 0.05, refresh = 500, gamma = 0.99, limit = LIMIT, seed = 0, episodes } = options;
  check('replay', { decay, refresh }, count);
  // What followed the last step is not known yet.
  const memory = new Memory<Row>('replay', options, { warmUp, unfinished: 1 });
  const { worlds } = memory;
  const actions = worlds[0]!.environment.actions.length;
  const width = worlds[0]!.width;
  const target = `target of ${task}`;
  const learning = { warmUp, decay, exploration, refresh, gamma, seed };
  const madeWith = { task, environments, capacity, width, actions: [...worlds[0]!.environment.actions], ...learning };

  /** Plays one step of all environments. */
  async function play(random: RandomStream, context: SourceContext): Promise<Row> {
    for (const world of worlds) if (memory.played === 0 || world.over) world.reset(random);
    const row = rowOf(new Float32Array(environments * (width + 3)), environments, width);
    const cuts: Float32Array[] = [];
    const { observations } = row;
    for (const [i, world] of worlds.entries()) world.observe(observations, i * width);
    const steps = memory.played * environments;
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
    return cuts.length === 0 ? row : withCuts(row, cuts);
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

  async function examples(size: number, random: RandomStream, context: SourceContext) {
    const seen = (step: number, i: number) => memory.row(step).observations.subarray(i * width, (i + 1) * width);
    const places = memory.draw(size, random, 1);
    const next = places.map(({ step, world }) => lastOf(memory.row(step), world) ?? seen(step + 1, world));
    const now = await context.predict(task, next);
    for (const scores of now) assertScores(task, scores, actions, 'qValues');
    const then = await context.predict(task, next, { weights: target });
    return places.map(({ step, world }, k): Example<Float32Array, ActionValue> => {
      const { actions: taken, rewards, ends } = memory.row(step);
      const after = (then[k] as Float32Array)[best(now[k] as Float32Array)]!;
      return {
        input: seen(step, world),
        target: {
          action: taken[world]!,
          value: rewards[world]! + (ends[world] === TERMINATED ? 0 : gamma * after),
        },
      };
    });
  }

  return remembering({
    ...{ memory, episodes, madeWith, play, examples },
    playing: { environment, task, look: lookAtObservations, player: () => act, limit, seed },
    begin: async (update, context) => {
      if (update % refresh === 0) await context.snapshot(target);
    },
    save: ({ numbers }) => numbers,
    load: (numbers) => rowOf(numbers, environments, width),
  });
}

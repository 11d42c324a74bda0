import { BanyanError, type EnvironmentFactory, type Json, type SampleOf, type SeenObject } from 'banyan-ml';
import type { Source, SourceContext } from 'banyan-ml/data';
import { check, checkSeed, count, notNegative, RandomStream, share } from 'banyan-ml/plugin';
import { reasonsOf } from './decodings/ruling.ts';
import { demonstrating } from './demonstration.ts';
import { type Act, type Look, playEpisodes } from './episodes.ts';
import type { Episode } from './experience.ts';
import type { RuleLesson, RulesOutput } from './heads/rules.ts';
import { assertSameOptions, assertScores } from './state.ts';
import { ActionChoice } from './symbols/choice.ts';
import { examplesOf } from './symbols/goals.ts';
import { packLessons, unpackLesson } from './symbols/packing.ts';
import { lessonOf } from './symbols/relations.ts';
import { objectsOf, placeOf } from './symbols/seen.ts';
import { wordsOf } from './symbols/words.ts';
import { World } from './world.ts';

export interface RelationalReplayOptions {
  /** Makes environments that list their objects, which stay where they are until they are touched. */
  readonly environment: EnvironmentFactory;
  /** The name of the task whose `rules` head acts: the one that this source belongs to. */
  readonly task: string;
  /** So many environments run side by side; each plays one step before an update. Default 8. */
  readonly environments?: number;
  /** So many steps are remembered, of all environments together. Default 20,000. */
  readonly capacity?: number;
  /** So many steps are played before the first update. Default 500. */
  readonly warmUp?: number;
  /** The share of random actions. Default 1: what is learned does not depend on what is played, and far places are learned sooner. */
  readonly exploration?: number;
  /** See `ActionChoiceOptions`. Default 0.1. */
  readonly impatience?: number;
  /** A reward one step later is worth so much. Default 0.9. */
  readonly gamma?: number;
  /** The validation and the test split have so many episodes. Default 20 and 100. */
  readonly episodes?: { readonly validation: number; readonly test: number };
  /** An episode of those is cut after so many steps. Default 10,000. */
  readonly limit?: number;
  /** All chance begins with this seed. Default 0. */
  readonly seed?: number;
}

const look: Look<readonly SeenObject[]> = (worlds) => worlds.map(({ environment }) => objectsOf(environment));

/**
 * Makes the source of experience for `rules` out of a memory of what was played: before each update every environment plays one step,
 * in lock-step, and the batch is drawn from the memory evenly. What each object makes an action worth is `r + γ max_a Q(s', a)`, by the
 * tables as they are, of where that object lies afterwards; by a reward only the object that was touched learns (`learnersOf`). The
 * other splits are whole episodes with seeds of their own, always the best action, with impatience.
 * @throws BanyanError `argument` for counts that are not whole or not positive, shares that are none, a seed that is none, a warm-up
 * beyond the capacity, or an environment that lists no objects.
 */
export function relationalReplay(
  options: RelationalReplayOptions,
): Source<readonly SeenObject[], RuleLesson | Episode> {
  const { environment, task, environments = 8, capacity = 20_000, warmUp = 500, limit = 10_000, seed = 0 } = options;
  const { exploration = 1, impatience = 0.1, gamma = 0.9, episodes = { validation: 20, test: 100 } } = options;
  check('relationalReplay', { environments, capacity, warmUp, limit }, count);
  check('relationalReplay', { exploration, gamma }, share);
  check('relationalReplay', { impatience }, notNegative);
  checkSeed('relationalReplay: seed', seed);
  const most = Math.floor(capacity / environments);
  const least = Math.ceil(warmUp / environments);
  if (least > most) {
    throw new BanyanError(
      'argument',
      `relationalReplay: capacity must hold the warm-up of ${warmUp} steps of ${environments} environments, received ${capacity}. Enlarge it.`,
    );
  }
  const worlds = Array.from({ length: environments }, () => new World(environment, task));
  const choices = worlds.map(() => new ActionChoice({ exploration, impatience }));
  const {
    actions: { length: actions },
    objectTypes: types = [],
  } = worlds[0]!.environment;
  const learning = { warmUp, exploration, impatience, gamma, seed };
  const madeWith = { task, environments, capacity, actions: [...worlds[0]!.environment.actions], ...learning };
  /** Step t of the environments is at `t % most`, one lesson of each. */
  let rows: Float32Array[] = [];
  /** Steps that each environment has played. */
  let played = 0;
  let updates = 0;

  const scoresOf = (output: unknown): Float32Array => {
    const { scores } = output as SampleOf<RulesOutput>;
    assertScores(task, scores, actions, 'rules');
    return scores;
  };

  /** Plays one step of all environments. */
  async function play(random: RandomStream, context: SourceContext): Promise<void> {
    for (const [i, world] of worlds.entries()) {
      if (played > 0 && !world.over) continue;
      world.reset(random);
      choices[i]!.forget();
    }
    const before = await look(worlds, context);
    // Random play needs no network.
    const outputs = exploration === 1 ? undefined : await context.predict(task, before);
    const acted = worlds.map((world, i) => {
      const scores = outputs === undefined ? new Float32Array(actions) : scoresOf(outputs[i]);
      const action = choices[i]!.choose(scores, placeOf(before[i]!), random);
      const reward = world.step(action, random);
      if (reward !== 0) choices[i]!.forget();
      return { action, reward, ended: world.environment.terminated };
    });
    const after = await look(worlds, context);
    rows[played++ % most] = packLessons(acted.map((step, i) => lessonOf(before[i]!, after[i]!, step)));
  }

  function drawLessons(size: number, random: RandomStream) {
    const oldest = Math.max(0, played - most);
    return Array.from({ length: size }, () => {
      const row = rows[(oldest + random.integer(played - oldest)) % most]!;
      return unpackLesson(row, random.integer(environments));
    });
  }

  /** Takes the best action, unless that was taken in vain; and says what speaks for it. */
  const player = (): Act => {
    const choice = new ActionChoice({ impatience });
    return (output, random, { input, reward }) => {
      if (reward !== 0) choice.forget();
      const action = choice.choose(scoresOf(output), placeOf(input as readonly SeenObject[]), random);
      return { action, entropy: 0, why: wordsOf(reasonsOf(output as SampleOf<RulesOutput>, action, types), action) };
    };
  };

  const playing = { environment, task, look, player, limit, seed };
  return {
    facts: { description: `Memory of ${environments} environments, made while it trains` },
    counts: { training: Number.POSITIVE_INFINITY, ...episodes },
    lockStep: true,
    ...demonstrating(playing),
    read: async (split, indices, context) => {
      if (split !== 'training') return playEpisodes(playing, split, indices, context);
      const random = new RandomStream(seed, `training ${context.seed} update ${updates}`);
      do await play(random, context);
      while (played < least);
      updates++;
      return examplesOf(drawLessons(indices.length, random), { task, gamma }, context);
    },
    state: () => ({
      madeWith,
      played,
      updates,
      worlds: worlds.map(({ environment }) => environment.state()),
      choices: choices.map((choice) => choice.state()),
      rows: [...rows],
    }),
    restore: (state) => {
      const saved = state as {
        readonly madeWith: Json;
        readonly played: number;
        readonly updates: number;
        readonly worlds: readonly Json[];
        readonly choices: readonly ReturnType<ActionChoice['state']>[];
        readonly rows: readonly Float32Array[];
      };
      assertSameOptions(task, saved.madeWith, madeWith);
      ({ played, updates } = saved);
      for (const [i, { environment }] of worlds.entries()) environment.restore(saved.worlds[i]!);
      for (const [i, choice] of choices.entries()) choice.restore(saved.choices[i]!);
      rows = [...saved.rows];
    },
  };
}

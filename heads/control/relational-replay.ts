import type { Json, SampleOf, SeenObject } from 'banyan-ml';
import type { Source, SourceContext } from 'banyan-ml/data';
import { check, notNegative, type RandomStream, share } from 'banyan-ml/plugin';
import { reasonsOf } from './decodings/ruling.ts';
import type { Act } from './episodes.ts';
import type { Episode } from './experience.ts';
import type { RuleLesson, RulesOutput } from './heads/rules.ts';
import { LIMIT, Memory, type MemoryOptions, remembering } from './memory.ts';
import { assertScores } from './state.ts';
import { ActionChoice } from './symbols/choice.ts';
import { type EyesOptions, throughEyes } from './symbols/eyes.ts';
import { examplesOf } from './symbols/goals.ts';
import { Marker } from './symbols/marker.ts';
import { packLessons, unpackLesson } from './symbols/packing.ts';
import { listed } from './symbols/seeing.ts';
import { placeOf } from './symbols/seen.ts';
import { wordsOf } from './symbols/words.ts';

export interface RelationalReplayOptions extends MemoryOptions {
  /** So many steps are played before the first update. Default 500. */
  readonly warmUp?: number;
  /** The share of random actions. Default 1: what is learned does not depend on what is played, and far places are learned sooner. */
  readonly exploration?: number;
  /** See `ActionChoiceOptions`. Default 0.1. */
  readonly impatience?: number;
  /** A reward one step later is worth so much. Default 0.9. */
  readonly gamma?: number;
  /** How objects are seen in pictures. Default: the environment lists them; they stay where they are until they are touched. */
  readonly eyes?: EyesOptions;
}

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
  const { environment, task, environments = 8, capacity = 20_000, warmUp = 500, limit = LIMIT, seed = 0 } = options;
  const { exploration = 1, impatience = 0.1, gamma = 0.9, episodes, eyes } = options;
  check('relationalReplay', { exploration, gamma }, share);
  check('relationalReplay', { impatience }, notNegative);
  const memory = new Memory<Float32Array>('relationalReplay', options, { warmUp, unfinished: 0 });
  const { worlds } = memory;
  const choices = worlds.map(() => new ActionChoice({ exploration, impatience }));
  const { actions: names } = worlds[0]!.environment;
  const { length: actions } = names;
  const seeing =
    eyes === undefined ? listed(worlds[0]!.environment) : throughEyes(eyes, { environment, seed, whose: task });
  const learning = {
    warmUp,
    exploration,
    impatience,
    gamma,
    seed,
    ...(eyes === undefined ? {} : { eyes: { ...eyes } }),
  };
  const madeWith = { task, environments, capacity, actions: [...names], ...learning } as Json;

  const scoresOf = (output: unknown): Float32Array => {
    const { scores } = output as SampleOf<RulesOutput>;
    assertScores(task, scores, actions, 'rules');
    return scores;
  };

  /** What was seen after the last step. */
  let seen: readonly (readonly SeenObject[])[] | undefined;

  /** Begins episodes where they are over, and sees what there is now. */
  async function begin(random: RandomStream, context: SourceContext): Promise<readonly (readonly SeenObject[])[]> {
    const first = memory.played === 0;
    // Not known any more where the training was interrupted.
    if (!first) seen ??= await seeing.look(worlds, context);
    const fresh = [...worlds.keys()].filter((i) => first || worlds[i]!.over);
    for (const i of fresh) {
      worlds[i]!.reset(random);
      choices[i]!.forget();
    }
    if (fresh.length === 0) return seen!;
    const looked = await seeing.look(
      fresh.map((i) => worlds[i]!),
      context,
    );
    return worlds.map((_, i) => looked[fresh.indexOf(i)] ?? seen![i]!);
  }

  /** Plays one step of all environments. */
  async function play(random: RandomStream, context: SourceContext): Promise<Float32Array> {
    const before = await begin(random, context);
    // Random play needs no network.
    const outputs = exploration === 1 ? undefined : await context.predict(task, before);
    const acted = worlds.map((world, i) => {
      const scores = outputs === undefined ? new Float32Array(actions) : scoresOf(outputs[i]);
      const action = choices[i]!.choose(scores, placeOf(before[i]!), random);
      const reward = world.step(action, random);
      if (reward !== 0) choices[i]!.forget();
      return { action, reward, ended: world.environment.terminated };
    });
    const after = await seeing.look(worlds, context);
    seen = after;
    return packLessons(acted.map((step, i) => seeing.lesson(before[i]!, after[i]!, step)));
  }

  /** Takes the best action, unless that was taken in vain; and says what speaks for it. */
  const player = (): Act => {
    const choice = new ActionChoice({ impatience });
    const marker = seeing.boxOf === undefined ? undefined : new Marker(seeing.types, seeing.boxOf);
    return (output, random, { input, reward }) => {
      if (reward !== 0) choice.forget();
      const objects = input as readonly SeenObject[];
      const action = choice.choose(scoresOf(output), placeOf(objects), random);
      const reasons = reasonsOf(output as SampleOf<RulesOutput>, action, seeing.types);
      const move = { action, name: names[action]! };
      return {
        ...{ action, entropy: 0, why: wordsOf(reasons, action) },
        ...(marker === undefined ? {} : { marks: () => marker.mark(objects, reasons, move) }),
      };
    };
  };

  return remembering({
    ...{ memory, episodes, madeWith, play },
    playing: { environment, task, look: (seen, context) => seeing.look(seen, context), player, limit, seed },
    examples: (size, random, context) => {
      const lessons = memory.draw(size, random, 0).map(({ step, world }) => unpackLesson(memory.row(step), world));
      return examplesOf(lessons, { task, gamma }, context);
    },
    save: (row) => row,
    load: (row) => row,
    rest: {
      state: () => ({ choices: choices.map((choice) => choice.state()) }),
      restore: (state) => {
        seen = undefined;
        const saved = state as { readonly choices: readonly ReturnType<ActionChoice['state']>[] };
        for (const [i, choice] of choices.entries()) choice.restore(saved.choices[i]!);
      },
    },
  });
}

import type { Environment } from 'banyan-ml';
import type { RandomStream } from 'banyan-ml/plugin';
import type { ActionChoice } from './choice.ts';
import { lessonOf, relationsOf } from './relations.ts';
import { objectsOf, placeOf } from './seen.ts';
import type { RelationTables } from './tables.ts';

/** A played episode is what was done in it, and what it gave. */
export interface PlayedEpisode {
  readonly actions: readonly number[];
  readonly rewards: readonly number[];
}

/**
 * Plays an episode of an environment that lists its objects, by tables, and learns from each step where `learn` is true (Q-learning, so
 * the tables learn what is best whatever is chosen).
 * @throws BanyanError `argument` for an environment that does not list its objects.
 */
export function playByTables(
  environment: Environment,
  {
    tables,
    choice,
    learn,
  }: { readonly tables: RelationTables; readonly choice: ActionChoice; readonly learn: boolean },
  random: RandomStream,
): PlayedEpisode {
  const [actions, rewards]: [number[], number[]] = [[], []];
  environment.reset(random);
  choice.forget();
  let before = objectsOf(environment);
  while (!environment.terminated && !environment.truncated) {
    const action = choice.choose(tables.scores(relationsOf(before)), placeOf(before), random);
    const reward = environment.step(action, random);
    const after = objectsOf(environment);
    if (learn) tables.learn(lessonOf(before, after, { action, reward, ended: environment.terminated }));
    if (reward !== 0) choice.forget();
    actions.push(action);
    rewards.push(reward);
    before = after;
  }
  return { actions, rewards };
}

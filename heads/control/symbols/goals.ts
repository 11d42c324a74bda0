import type { Example, SampleOf, SeenObject, SourceContext } from 'banyan-ml';
import type { RuleLesson, RulesOutput } from '../heads/rules.ts';
import { type Lesson, learnersOf, type Relation } from './relations.ts';

export interface GoalOptions {
  /** The task whose `rules` head tells what is known. */
  readonly task: string;
  /** A reward one step later is worth so much. */
  readonly gamma: number;
  /** See `RelationTablesOptions`. Default `touched`. */
  readonly credit?: 'touched' | 'all';
}

/** Makes examples of lessons: what each object makes the action worth, by what the head knows now of where it lies afterwards. */
export async function examplesOf(
  lessons: readonly Lesson[],
  { task, gamma, credit }: GoalOptions,
  context: Pick<SourceContext, 'predict'>,
): Promise<readonly Example<readonly SeenObject[], RuleLesson>[]> {
  const learners = lessons.map((lesson) => learnersOf(lesson, credit));
  const following = lessons.map(({ agent }, i) =>
    listOf(
      agent,
      learners[i]!.flatMap(({ next }) => next ?? []),
    ),
  );
  const outputs = (await context.predict(task, following)) as readonly SampleOf<RulesOutput>[];
  return lessons.map(({ agent, relations, action, reward }, i) => {
    const { values, scores } = outputs[i]!;
    const actions = scores.length;
    // The first is the one that acts.
    let place = 0;
    const goals: (number | undefined)[] = new Array(1 + relations.length).fill(undefined);
    for (const learner of learners[i]!) {
      if (learner.next !== undefined) place++;
      const known = values.subarray(place * actions, (place + 1) * actions);
      goals[1 + learner.place] = reward + gamma * (learner.next === undefined ? 0 : Math.max(...known));
    }
    return { input: listOf(agent, relations), target: { action, goals } };
  });
}

/** Makes the list of objects that lies so around one that acts. */
const listOf = (agent: number, relations: readonly Relation[]): SeenObject[] => [
  { type: agent, row: 0, column: 0 },
  ...relations.map(({ type, down, right }) => ({ type, row: down, column: right })),
];

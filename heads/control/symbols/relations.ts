import type { SeenObject } from 'banyan-ml';

/** A relation is how an object lies to the one that acts: its type, and so many cells below it and to its right. */
export interface Relation {
  readonly type: number;
  readonly down: number;
  readonly right: number;
}

/** A lesson is one step in relations: what there was, what was done, and what became of it. */
export interface Lesson {
  /** The type of the one that acts. */
  readonly agent: number;
  /** All objects before the step, in their order. */
  readonly relations: readonly Relation[];
  readonly action: number;
  readonly reward: number;
  /** The one that acts has moved by so many cells. */
  readonly moved: { readonly down: number; readonly right: number };
  /** The places in `relations` of what was there before the step, and not after it. */
  readonly gone: readonly number[];
  /** It says whether the episode terminated with the step: what follows is worth 0. */
  readonly ended: boolean;
}

/** An object that learns from a lesson, by its place in `relations`, and how it lies after the step; absent where nothing follows. */
export interface Learner {
  readonly place: number;
  readonly next?: Relation;
}

/** Gives the relations of a list of objects, the first of which is the one that acts. What lies in its own place has none. */
export const relationsOf = ([agent, ...others]: readonly SeenObject[]): readonly Relation[] =>
  others
    .map(({ type, row, column }) => ({ type, down: row - agent!.row, right: column - agent!.column }))
    .filter(({ down, right }) => down !== 0 || right !== 0);

/**
 * Makes a lesson of two lists of objects that stay where they are, as `Environment.objects` gives them before and after a step.
 * `vanished`: the places in `before` of what is gone, where a tracker has told it; default: what is not in its place any more.
 */
export function lessonOf(
  before: readonly SeenObject[],
  after: readonly SeenObject[],
  { action, reward, ended = false }: Pick<Lesson, 'action' | 'reward'> & Partial<Pick<Lesson, 'ended'>>,
  vanished?: readonly number[],
): Lesson {
  const [from, to] = [before[0]!, after[0]!];
  const moved = { down: to.row - from.row, right: to.column - from.column };
  const relations = relationsOf(before);
  const left = new Set(relationsOf(after).map(keyOf));
  const apart = [...before.keys()].filter((i) => before[i]!.row !== from.row || before[i]!.column !== from.column);
  const isGone = (relation: Relation, i: number) =>
    vanished === undefined ? !left.has(keyOf(movedBy(relation, moved))) : vanished.includes(apart[i]!);
  const gone = relations.flatMap((relation, i) => (isGone(relation, i) ? [i] : []));
  return { agent: from.type, relations, action, reward, moved, gone, ended };
}

/** Says how an object that stays lies after the one that acts has moved. */
export const movedBy = ({ type, down, right }: Relation, moved: Lesson['moved']): Relation => ({
  type,
  down: down - moved.down,
  right: right - moved.right,
});

/** Finds the object that was touched: of what is gone, the nearest to the one that acts, as it lies after the step. */
export function touchedBy({
  relations,
  moved,
  gone,
}: Pick<Lesson, 'relations' | 'moved' | 'gone'>): number | undefined {
  const distance = (i: number) => {
    const { down, right } = movedBy(relations[i]!, moved);
    return down * down + right * right;
  };
  return gone.reduce<number | undefined>(
    (nearest, i) => (nearest === undefined || distance(i) < distance(nearest) ? i : nearest),
    undefined,
  );
}

/**
 * Lists the objects that learn from a lesson. What was touched does, and nothing follows for it; what else is gone does not. By a
 * reward, with credit to what was `touched`, nothing else learns.
 */
export function learnersOf(lesson: Lesson, credit: 'touched' | 'all' = 'touched'): readonly Learner[] {
  const { relations, reward, moved, gone, ended } = lesson;
  const touched = touchedBy(lesson);
  return [...relations.keys()].flatMap((place) => {
    if (place === touched) return [{ place }];
    if (gone.includes(place) || (credit === 'touched' && reward !== 0)) return [];
    return [ended ? { place } : { place, next: movedBy(relations[place]!, moved) }];
  });
}

const keyOf = ({ type, down, right }: Relation): string => `${type} ${down} ${right}`;

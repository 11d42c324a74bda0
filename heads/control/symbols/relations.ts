import type { SeenObject } from 'banyan-ml';

/** A relation is how an object lies to the one that acts: its type, and so many cells below it and to its right. */
export interface Relation {
  readonly type: number;
  readonly down: number;
  readonly right: number;
}

/** A lesson is one step in relations: what there was, what was done, and what became of it. */
export interface Lesson {
  /** All objects before the step, in their order. */
  readonly relations: readonly Relation[];
  readonly action: number;
  readonly reward: number;
  /** The one that acts has moved by so many cells. */
  readonly moved: { readonly down: number; readonly right: number };
  /** The places in `relations` of what was there before the step, and not after it. */
  readonly gone: readonly number[];
}

/** Gives the relations of a list of objects, the first of which is the one that acts. What lies in its own place has none. */
export const relationsOf = ([agent, ...others]: readonly SeenObject[]): readonly Relation[] =>
  others
    .map(({ type, row, column }) => ({ type, down: row - agent!.row, right: column - agent!.column }))
    .filter(({ down, right }) => down !== 0 || right !== 0);

/** Makes a lesson of two lists of objects that stay where they are, as `Environment.objects` gives them before and after a step. */
export function lessonOf(
  before: readonly SeenObject[],
  after: readonly SeenObject[],
  { action, reward }: Pick<Lesson, 'action' | 'reward'>,
): Lesson {
  const [from, to] = [before[0]!, after[0]!];
  const moved = { down: to.row - from.row, right: to.column - from.column };
  const relations = relationsOf(before);
  const left = new Set(relationsOf(after).map(keyOf));
  const gone = relations.flatMap((relation, i) => (left.has(keyOf(movedBy(relation, moved))) ? [] : [i]));
  return { relations, action, reward, moved, gone };
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

const keyOf = ({ type, down, right }: Relation): string => `${type} ${down} ${right}`;

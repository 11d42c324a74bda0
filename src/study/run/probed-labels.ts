import { type BuiltTask, collateTargets, type LabelledExample } from '../../network/index.ts';

/** Where lists have more kinds of labels than these, such as words, a probe is asked how long they are instead. */
const MANY = 64;

export interface ProbedLabels {
  /** A whole number for each example. */
  readonly labels: readonly number[];
  /** What they say of it. */
  readonly what: string;
}

/**
 * Gives what a linear classifier is to read of a task's labels: classes as they are, numbers by their median, and of labels that are lists one
 * class for each. None where a task compares examples, which have no labels of their own.
 */
export function probedLabels(
  { name, label, head }: Pick<BuiltTask, 'name' | 'label' | 'head'>,
  examples: readonly Pick<LabelledExample, 'target'>[],
): ProbedLabels | undefined {
  if (head.comparesSamples === true) return undefined;
  const row = label.shape.slice(1).reduce((a, b) => a * b, 1);
  const each = examples.map(({ target }) => {
    const { target: collated, longest } = collateTargets(name, label, [target]);
    return Array.from(collated.values).slice(0, label.lengths === undefined ? undefined : longest * row);
  });
  if (label.shape.length === 0) {
    const values = each.map(([value]) => value!);
    if (label.dtype === 'int32') return { labels: values, what: 'its classes' };
    return { labels: aboveMedian(values), what: 'below its median, or not' };
  }
  if (label.dtype === 'int32' && new Set(each.flat()).size <= MANY) {
    return { labels: unusualIn(each), what: 'the label that it has more of than others' };
  }
  if (label.lengths !== undefined) {
    return { labels: aboveMedian(each.map(({ length }) => length)), what: 'shorter than the median, or not' };
  }
  const means = each.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
  return { labels: aboveMedian(means), what: 'its mean below the median, or not' };
}

function aboveMedian(values: readonly number[]): readonly number[] {
  const median = values.toSorted((a, b) => a - b)[values.length >> 1]!;
  return values.map((value) => (value < median ? 0 : 1));
}

/** For each list of labels the one whose share in it is the most times its share in all lists: not what nearly every list is full of. */
function unusualIn(lists: readonly (readonly number[])[]): readonly number[] {
  const kinds = [...new Set(lists.flat())].sort((a, b) => a - b);
  const sharesOf = (list: readonly number[]) =>
    kinds.map((kind) => list.filter((label) => label === kind).length / Math.max(1, list.length));
  const shares = lists.map(sharesOf);
  const usual = kinds.map((_, kind) => shares.reduce((sum, own) => sum + own[kind]!, 0));
  return shares.map((own) => {
    const ratios = own.map((share, kind) => share / usual[kind]!);
    return ratios.indexOf(Math.max(...ratios));
  });
}

// The stems and heads of tables, for the cases beside.
import { arraySource } from 'banyan-ml/data';
import {
  balancedWeights,
  type CellTokens,
  categoryStem,
  classifier,
  dateParts,
  dateStem,
  embedder,
  numberStatistics,
  numbersStem,
  ordinal,
  regressor,
  tags,
  vectorStem,
} from 'banyan-ml/heads/table';
import { type AnyTask, defineTask } from '../../../src/index.ts';
import { RandomStream } from '../../../src/plugin.ts';

const random = new RandomStream(6, 'tables');
const COUNT = 48;
const range = <T>(make: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => make(i));
const sourceOf = <Input, Target>(inputs: readonly Input[], targetOf: (i: number) => Target) =>
  arraySource({ inputs, targets: range(targetOf), validation: 0 });

const rows = range((i) => [random.normal(), i % 6 === 0 ? undefined : 50 + 9 * random.normal(), i % 4]);
const statisticsOf = (columns: number, all: readonly (readonly (number | undefined)[])[]) => () => {
  const statistics = numberStatistics({ columns, quantiles: true });
  for (const row of all) statistics.add(row);
  return statistics.result();
};
const statistics = statisticsOf(3, rows);
const COLOURS = ['red', 'green', 'blue'];
const things = range((i) => [COLOURS[i % 3], i % 5 === 0 ? undefined : i % 2 === 0 ? 'small' : 'large']);
const vectors = range(() => [random.normal(), random.normal()]);
const moments = range((i) => [new Date(Date.UTC(2020, i, i))]);

/** A task of each stem and each loss of numbers. */
export function tableTasks(tokens: CellTokens): AnyTask[] {
  const scale = () => ({ mean: 10, deviation: 3 });
  const wave = (i: number) => 10 + 3 * Math.sin(i);
  return [
    defineTask({
      name: 'numbers',
      stem: numbersStem({ columns: 3, statistics, tokens }),
      head: regressor({ outputs: ['a', 'b'], scale: () => ({ mean: [10, 0], deviation: [3, 1] }) }),
      source: sourceOf(rows, (i) => [wave(i), i % 7 === 0 ? Number.NaN : Math.cos(i)]),
    }),
    defineTask({
      name: 'quantiles',
      stem: numbersStem({ columns: 3, statistics, scaling: 'quantile', tokens }),
      head: regressor({ scale, loss: 'gaussian' }),
      source: sourceOf(rows, wave),
    }),
    defineTask({
      name: 'categories',
      stem: categoryStem({ columns: 2, categories: () => [COLOURS, ['large', 'small']], tokens }),
      head: regressor({ scale, loss: 'huber' }),
      source: sourceOf(things, wave),
    }),
    defineTask({
      name: 'dates',
      stem: dateStem({
        columns: 1,
        statistics: statisticsOf(
          9,
          moments.map((row) => row.flatMap(dateParts)),
        ),
        tokens,
      }),
      head: regressor({ scale, loss: 'absolute' }),
      source: sourceOf(moments, wave),
    }),
    defineTask({
      name: 'vectors',
      stem: vectorStem({ size: 2 }),
      head: regressor(),
      source: sourceOf(vectors, (i) => (i % 5 === 0 ? undefined : Math.sin(i))),
    }),
    defineTask({
      name: 'levels',
      stem: vectorStem({ size: 2 }),
      head: ordinal({ levels: 4 }),
      source: sourceOf(vectors, (i) => (i % 5 === 0 ? -1 : i % 4)),
    }),
    defineTask({
      name: 'groups',
      stem: vectorStem({ size: 2 }),
      head: embedder({ size: 3 }),
      source: sourceOf(vectors, (i) => (i % 5 === 0 ? -1 : i % 3)),
    }),
    defineTask({
      name: 'tags',
      stem: vectorStem({ size: 2 }),
      head: tags({ tags: ['a', 'b'] }),
      source: sourceOf(vectors, (i) => (i % 5 === 0 ? undefined : ['a', 'b'].slice(0, i % 3))),
    }),
    defineTask({
      name: 'focus',
      stem: vectorStem({ size: 2 }),
      head: classifier({ classes: 3, loss: 'focal', classWeights: () => balancedWeights([16, 8, 24]) }),
      source: sourceOf(vectors, (i) => i % 3),
    }),
  ] as AnyTask[];
}

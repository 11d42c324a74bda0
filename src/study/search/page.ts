import { writeFile } from 'node:fs/promises';
import {
  curvesSpec,
  endingsSpec,
  importanceSpec,
  intervalSpec,
  type ParallelAxis,
  type ParallelLine,
  page,
  parallelSpec,
  paretoSpec,
  plot,
  type Section,
} from '../../report/index.ts';
import type { StoredTrial } from './optuna/store.ts';
import { axisOf } from './page-axis.ts';
import type { SearchResult, TrialRow } from './result.ts';
import { shortNames } from './space.ts';
import { bestFirst, SEARCH_NOTES, trialsTable } from './tables.ts';

/** Writes a page about a search. */
export async function writePage(path: string, result: SearchResult, stored: readonly StoredTrial[]): Promise<void> {
  const sections: Section[] = [
    {
      title: 'Result',
      text: `${result.findings.join(' ')} ${SEARCH_NOTES}`,
      tables: [trialsTable(result, bestFirst(result).slice(0, 10))],
    },
    await reached(result),
    await importances(result),
    await settings(result),
    await endings(result, stored),
    { title: 'All trials', tables: [trialsTable(result)] },
  ].filter(({ pictures, tables }) => (pictures?.length ?? 0) + (tables?.length ?? 0) > 0);
  await writeFile(path, page(`Search ${result.name}`, sections));
}

const drawn = (specs: readonly Parameters<typeof plot>[0][]) => Promise.all(specs.map(plot));
const isComplete = ({ state }: TrialRow) => state === 'complete';

/** What trials reached: two objectives each against the other, and the winner again. */
async function reached({ objectives, trials, winner }: SearchResult): Promise<Section> {
  const complete = trials.filter(isComplete);
  const pairs = objectives.flatMap((x, i) => objectives.slice(i + 1).map((y, k) => [x, y, i, i + 1 + k] as const));
  const plots = pairs.map(([x, y, i, j]) =>
    paretoSpec({
      title: `${y.name} beside ${x.name}`,
      x: x.name,
      y: y.name,
      points: complete.map(({ number, values, front }) => ({
        name: number === winner.number ? `${number}, the winner` : String(number),
        x: values![i]!,
        y: values![j]!,
        marked: front,
      })),
    }),
  );
  const again = winner.again.map(({ mean, low = mean, high = mean }, i) =>
    intervalSpec(`the winner: ${objectives[i]!.name}`, objectives[i]!.name, [
      { name: 'in the search', mean: winner.values[i]!, low: winner.values[i]!, high: winner.values[i]! },
      { name: 'with other seeds', mean, low, high },
    ]),
  );
  return {
    title: 'What trials reached',
    text:
      objectives.length > 1
        ? 'Named are the trials of the Pareto front. Below, the winner as the search saw it, and its mean with other seeds: the difference is luck.'
        : 'The winner as the search saw it, and its mean with other seeds: the difference is luck.',
    pictures: await drawn([...plots, ...again]),
  };
}

async function importances({ objectives, importance }: SearchResult): Promise<Section> {
  const bars = importance.flatMap((shares, i) =>
    Object.keys(shares).length === 0
      ? []
      : [
          importanceSpec(
            objectives[i]!.name,
            Object.entries(shares).map(([name, share]) => ({ name, share })),
          ),
        ],
  );
  return {
    title: 'What matters',
    text: 'The share of each setting in how much an objective varies over the searched values, by functional ANOVA of a random forest (Hutter et al. 2014).',
    pictures: await drawn(bars),
  };
}

/** All settings and objectives of all trials that reached their end. */
async function settings({ objectives, trials, winner }: SearchResult): Promise<Section> {
  const complete = trials.filter(isComplete);
  const keys = [...new Set(complete.flatMap((trial) => Object.keys(trial.settings)))];
  const names = shortNames(keys);
  const columns = [
    ...keys.map((key) =>
      axisOf(
        names.get(key)!,
        complete.map((trial) => trial.settings[key]),
      ),
    ),
    ...objectives.map(({ name, higherIsBetter }, i) =>
      axisOf(
        name,
        complete.map(({ values }) => values![i]!),
        !higherIsBetter,
      ),
    ),
  ];
  const axes: ParallelAxis[] = columns.map(({ name, ticks }) => ({ name, ticks }));
  const lines: ParallelLine[] = complete.map(({ number, front }, row) => {
    const at = columns.map(({ places }) => places[row]!);
    const goods = at.slice(keys.length);
    return {
      name: String(number),
      at,
      good: goods.reduce((sum, value) => sum + value, 0) / goods.length,
      marked: objectives.length > 1 ? front : number === winner.number,
    };
  });
  return {
    title: 'Settings and what came of them',
    text: 'A line for each trial that reached its end, through its settings and its objectives; up is better for these. Dark are the good ones, thick the best.',
    pictures: complete.length < 2 ? [] : await drawn([parallelSpec('parallel coordinates', axes, lines)]),
  };
}

/** Which trials were ended, and when. */
async function endings({ objectives, trials }: SearchResult, stored: readonly StoredTrial[]): Promise<Section> {
  const states = new Map(trials.map(({ number, state }) => [number, state]));
  const curves = objectives.map(({ name }, i) =>
    curvesSpec(
      `${name} on the way`,
      stored.flatMap(({ origin, notes: { curve = {} }, state: now }) => {
        const state = states.get(origin);
        if (state === undefined || now === 'RUNNING' || now === 'WAITING') return [];
        const points = Object.entries(curve).map(([report, values]) => ({
          measurement: Number(report),
          value: values[i]!,
        }));
        return points.length === 0
          ? []
          : [{ number: origin, state, points: points.sort((a, b) => a.measurement - b.measurement) }];
      }),
    ),
  );
  const measured = stored.some(({ notes }) => notes.curve !== undefined);
  return {
    title: 'What was ended when',
    text: measured
      ? 'The curves are over the measurements on the validation split; a dot is where a trial was ended.'
      : 'How many steps each trial had.',
    pictures: await drawn([
      endingsSpec(
        'steps of each trial',
        trials.map(({ number, steps, state }) => ({ number, steps, state })),
      ),
      ...(measured ? curves : []),
    ]),
  };
}

import { writeFile } from 'node:fs/promises';
import { intervalSpec, lineageSpec, page, plot, type Section, type Way, waysSpec } from '../../../report/index.ts';
import { shortNames } from '../space.ts';
import type { SegmentOutcome } from './context.ts';
import { isCopy, type PopulationResult } from './result.ts';
import { POPULATION_NOTES, segmentsTable } from './tables.ts';

/** Writes a page about a population. */
export async function writePopulationPage(path: string, result: PopulationResult): Promise<void> {
  const { segments, winner, findings } = result;
  const sections: readonly Section[] = [
    { title: 'Result', text: `${findings.join(' ')} ${POPULATION_NOTES}`, tables: [segmentsTable(result, winner.way)] },
    await lineage(result),
    await reached(result),
    await settings(result),
    { title: 'All parts', tables: [segmentsTable(result, segments)] },
  ];
  await writeFile(
    path,
    page(
      `Population ${result.name}`,
      sections.filter(({ pictures, tables }) => pictures?.length !== 0 || tables !== undefined),
    ),
  );
}

/** How good each segment is among those of its generation, from 0 to 1. */
function goodsOf({ segments, objective }: PopulationResult): ReadonlyMap<SegmentOutcome, number> {
  const sign = objective.higherIsBetter ? 1 : -1;
  return new Map(
    segments.flatMap((segment) => {
      if (segment.value === undefined) return [];
      const others = segments.flatMap(({ generation, value }) =>
        generation === segment.generation && value !== undefined ? [sign * value] : [],
      );
      const [least, most] = [Math.min(...others), Math.max(...others)];
      return [[segment, most === least ? 0.5 : (sign * segment.value - least) / (most - least)] as const];
    }),
  );
}

async function lineage(result: PopulationResult): Promise<Section> {
  const { segments, winner, every } = result;
  const goods = goodsOf(result);
  const parts = segments.map((segment) => {
    const { member, parent, steps } = segment;
    const good = goods.get(segment);
    return {
      member,
      from: steps - every,
      to: steps,
      ...(parent === undefined ? {} : { parent }),
      ...(good === undefined ? {} : { good }),
      marked: winner.way.includes(segment),
    };
  });
  return {
    title: 'Where the networks come from',
    text: 'A row for each member; a line leads over where one took the network of another, whole, and changed the settings. Dark is good among those of the same step, thick the way of the best network. A cross is a part that failed.',
    pictures: [await plot(lineageSpec('lineage', parts))],
  };
}

/** The segments that the network of each member of the last generation went through. */
function waysOf({ segments, members, generations }: PopulationResult): readonly (readonly SegmentOutcome[])[] {
  const last = segments.filter(({ generation, value }) => generation === generations - 1 && value !== undefined);
  return last.map((segment) => {
    const way = [segment];
    while (way[0]!.generation > 0) way.unshift(segments[(way[0]!.generation - 1) * members + way[0]!.parent!]!);
    return way;
  });
}

async function reached(result: PopulationResult): Promise<Section> {
  const { segments, members, objective, winner } = result;
  const ways: readonly Way[] = Array.from({ length: members }, (_, member) => ({
    name: `member ${member}`,
    marked: false,
    points: pointsOf(segments.filter((segment) => segment.member === member)),
  }));
  const best: Way = { name: 'the best network', marked: true, points: pointsOf(winner.way) };
  const { again, value } = winner;
  return {
    title: 'What they reached',
    text: 'What each member had at each measurement, and thick what the best network had on its way.',
    pictures: await Promise.all([
      plot(waysSpec(objective.name, [...ways, best], false)),
      ...(again === undefined
        ? []
        : [
            plot(
              intervalSpec('the best: luck', objective.name, [
                { name: 'in the population', mean: value, low: value, high: value },
                {
                  name: 'with other seeds',
                  mean: again.mean,
                  low: again.low ?? again.mean,
                  high: again.high ?? again.mean,
                },
              ]),
            ),
          ]),
    ]),
  };
}

const pointsOf = (segments: readonly SegmentOutcome[]) =>
  segments.flatMap(({ steps, value }) => (value === undefined ? [] : [{ step: steps, value }]));

/** What settings became along the ways of the networks that are there in the end. */
async function settings(result: PopulationResult): Promise<Section> {
  const { winner, every } = result;
  const all = waysOf(result);
  const keys = Object.keys(winner.way[0]!.settings).filter((key) => typeof winner.way[0]!.settings[key] === 'number');
  const names = shortNames(keys);
  const last = winner.way.at(-1)!;
  const pictures = keys.map((key) => {
    const ways = all.map((way) => ({
      name: String(way.at(-1)!.member),
      marked: way.at(-1) === last,
      points: way.flatMap(({ steps, settings }) => {
        const value = settings[key] as number;
        return [...(steps === every ? [{ step: 0, value }] : []), { step: steps, value }];
      }),
    }));
    return plot(waysSpec(names.get(key)!, ways, true));
  });
  const copies = result.segments.filter(isCopy).length;
  return {
    title: 'What became of the settings',
    text: `Along the way of each network that is there in the end, thick of the best one. ${copies} ${copies === 1 ? 'time' : 'times'} settings were taken over and changed.`,
    pictures: await Promise.all(pictures),
  };
}

import { meanInterval, paretoFront } from '../../analysis/index.ts';
import { BanyanError } from '../../error.ts';
import type { Settings } from '../../experiment/settings.ts';
import type { SearchContext, TrialOutcome } from './context.ts';
import type { Objective } from './objectives.ts';
import { settingWords } from './space.ts';

/** A trial, and whether no other one is at least as good in each objective and better in one. */
export type TrialRow = TrialOutcome & { readonly front: boolean };

/** An objective of the winner over seeds that the search did not have. */
export interface AgainRow {
  /** One value for each seed. */
  readonly values: readonly number[];
  readonly mean: number;
  /** The 95 % interval of the mean by Student's t; absent for a single seed. */
  readonly low?: number;
  readonly high?: number;
}

/** The best settings. */
export interface Winner {
  readonly number: number;
  readonly settings: Settings;
  /** What it reached in the search, by objective. */
  readonly values: readonly number[];
  /** What it reaches with other seeds, by objective; none while that was not measured. */
  readonly again: readonly AgainRow[];
}

/** What a search came to. */
export interface SearchResult {
  readonly name: string;
  readonly objectives: readonly Objective[];
  /** In the order in which they ended. */
  readonly trials: readonly TrialRow[];
  readonly winner: Winner;
  /** For each objective the share of each setting in what it varies (functional ANOVA); empty where too few trials say so. */
  readonly importance: readonly Readonly<Record<string, number>>[];
  readonly findings: readonly string[];
}

/** Says which trials are on the Pareto front; those that did not reach their end are not. */
export function withFront(outcomes: readonly TrialOutcome[], objectives: readonly Objective[]): readonly TrialRow[] {
  const complete = outcomes.filter(({ state }) => state === 'complete');
  const front = paretoFront(complete.map(({ values }) => goodOf(values!, objectives)));
  const best = new Set(complete.filter((_, i) => front[i]));
  return outcomes.map((outcome) => ({ ...outcome, front: best.has(outcome) }));
}

const goodOf = (values: readonly number[], objectives: readonly Objective[]) =>
  values.map((value, i) => (objectives[i]!.higherIsBetter ? value : -value));

/**
 * Picks the winner: the best trial, or with several objectives the one of the front whose worst objective is least far from the best that
 * the front has of it, in parts of the front's range (compromise programming, Zeleny 1973, with the maximum norm). Of equal ones the first.
 * @throws BanyanError `experiment` where no trial has reached its end.
 */
export function winnerOf(rows: readonly TrialRow[], objectives: readonly Objective[]): TrialRow {
  const front = rows.filter((row) => row.front);
  const points = front.map(({ values }) => goodOf(values!, objectives));
  const regrets = points.map((point) =>
    Math.max(
      ...point.map((value, i) => {
        const all = points.map((other) => other[i]!);
        const [least, most] = [Math.min(...all), Math.max(...all)];
        return most === least ? 0 : (most - value) / (most - least);
      }),
    ),
  );
  const winner = front[regrets.indexOf(Math.min(...regrets))];
  if (winner !== undefined) return winner;
  const failed = rows.find(({ message }) => message !== undefined);
  throw new BanyanError(
    'experiment',
    `No trial of the search has reached its end, expected at least one. ${failed === undefined ? 'All were ended by search.prune. Leave that out, or give more trials.' : `The first failure: ${failed.message}`}`,
  );
}

/** Sums a search up. `again` has the objectives of the winner, a row for each seed. */
export async function summariseSearch(
  { loaded, objectives: { list: objectives }, store }: Pick<SearchContext, 'loaded' | 'objectives' | 'store'>,
  outcomes: readonly TrialOutcome[],
  again: readonly (readonly number[])[],
): Promise<SearchResult> {
  const trials = withFront(outcomes, objectives);
  const { number, settings, values } = winnerOf(trials, objectives);
  const winner: Winner = {
    number,
    settings,
    values: values!,
    again: again.length === 0 ? [] : objectives.map((_, i) => againRow(again.map((row) => row[i]!))),
  };
  const importance: Readonly<Record<string, number>>[] = [];
  for (const i of objectives.keys()) importance.push(await store.importance(i));
  return {
    name: loaded.experiment.name,
    objectives,
    trials,
    winner,
    importance,
    findings: findingsOf(winner, objectives, trials),
  };
}

export function againRow(values: readonly number[]): AgainRow {
  const { mean, halfWidth } = meanInterval(values);
  return { values, mean, ...(halfWidth === undefined ? {} : { low: mean - halfWidth, high: mean + halfWidth }) };
}

/** Says in sentences what was found, and how much of it was luck. */
function findingsOf(
  { number, settings, values, again }: Winner,
  objectives: readonly Objective[],
  trials: readonly TrialRow[],
): readonly string[] {
  const pruned = trials.filter(({ state }) => state === 'pruned').length;
  const failed = trials.filter(({ state }) => state === 'failed').length;
  const counts = [
    `${trials.length} trials`,
    ...(pruned > 0 ? [`${pruned} ended early`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const luck = again.map(({ mean, low, high, values: seeds }, i) => {
    const { name, higherIsBetter } = objectives[i]!;
    const found = values[i]!;
    const interval = low === undefined ? '' : ` [${figure(low)}, ${figure(high!)}]`;
    const measured = `${name}: ${figure(found)} in the search, ${figure(mean)}${interval} on ${seeds.length} other ${seeds.length === 1 ? 'seed' : 'seeds'}`;
    if (low === undefined) return `${measured}.`;
    const lucky = higherIsBetter ? found > high! : found < low;
    return `${measured}${lucky ? `: ${figure(Math.abs(found - mean))} of it was luck` : ''}.`;
  });
  return [`${counts.join(', ')}. The best is trial ${number}: ${settingWords(settings)}.`, ...luck];
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));

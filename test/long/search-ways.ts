// node --conditions=source --import tsx test/long/search-ways.ts EXPERIMENT FOLDER [--seeds 3] [--ways population,random,tpe,tpe+hyperband]
// Which way of searching brings most? For each seed each way searches in EXPERIMENT, whose section `search` has `population`, or `trials` of all
// steps each: a population has as many steps as that many trials. A way is `population`, or a sampler, with a rule that ends trials after a plus. It
// prints one line a search: what was found, what it was when the fastest way of this seed had ended, what the winner reaches on seeds that
// the search did not have, and the seconds of training; then the mean of each way with its 95 % interval, and its difference to the first, paired
// by seed. A search that is done is not done again.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { type Interval, meanInterval } from '../../src/analysis/index.ts';
import { loadExperiment } from '../../src/experiment/load.ts';
import { search, trainPopulation } from '../../src/study/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '3' }, ways: { type: 'string', default: 'population,random,tpe' } },
});
const [experiment = '', folder = ''] = positionals;

interface Outcome {
  /** What the winner reached in the search, and on seeds of its own. */
  readonly found: number;
  readonly again: number;
  readonly seconds: number;
  /** The best that was found after so many seconds of training, from the first on. */
  readonly course: readonly (readonly [seconds: number, value: number])[];
}

async function outcomeOf(way: string, seed: number): Promise<Outcome> {
  const out = join(folder, `${way}-${seed}`);
  // Seeds of the winners' trainings follow on that of the search.
  const set = { seed: 100 * (seed + 1) };
  if (way === 'population') {
    const last = await lastValueFrom(trainPopulation(experiment, { out, set }));
    if (last.kind !== 'result') throw new Error('The population was interrupted.');
    const { winner, segments } = last.result;
    return { found: winner.value, again: winner.again!.mean, seconds: sum(segments), course: [] };
  }
  const last = await lastValueFrom(search(experiment, { out, set: { ...set, ...trialsFor(way) } }));
  if (last.kind !== 'result') throw new Error('The search was interrupted.');
  const { winner, trials } = last.result;
  let [seconds, best] = [0, Number.NEGATIVE_INFINITY];
  const course = trials.map((trial) => {
    seconds += trial.seconds;
    if (trial.state === 'complete') best = Math.max(best, trial.values![0]!);
    return [seconds, best] as const;
  });
  return { found: winner.values[0]!, again: winner.again[0]!.mean, seconds, course };
}

/** As many trials as there are members; a population is set to nothing by a section without it. */
function trialsFor(way: string) {
  const [sampler, prune] = way.split('+');
  const {
    population,
    trials = population,
    ...others
  } = given.search as { readonly population: number; readonly trials?: number };
  return { search: { ...others, trials, sampler, ...(prune === undefined ? {} : { prune }) } };
}

const sum = (parts: readonly { readonly seconds: number }[]) => parts.reduce((all, { seconds }) => all + seconds, 0);

const given = (await loadExperiment(experiment)).experiment;
const ways = values.ways.split(',');
const outcomes = new Map<string, Outcome[]>();
for (let seed = 0; seed < Number(values.seeds); seed++) {
  for (const way of ways) {
    const outcome = await outcomeOf(way, seed);
    outcomes.set(way, [...(outcomes.get(way) ?? []), outcome]);
    console.log(JSON.stringify({ way, seed, ...outcome }));
  }
}
/** What a way had found when the one of this seed that took least had ended. */
function foundByThen(way: string, seed: number): number {
  const then = Math.min(...ways.map((each) => outcomes.get(each)![seed]!.seconds));
  const { course, found } = outcomes.get(way)![seed]!;
  return course.length === 0 ? found : (course.filter(([seconds]) => seconds <= then).at(-1)?.[1] ?? Number.NaN);
}
const text = ({ mean, halfWidth = Number.NaN }: Interval) => `${mean.toFixed(4)} ± ${halfWidth.toFixed(4)}`;
const reference = outcomes.get(ways[0]!)!;
for (const [way, all] of outcomes) {
  const figures: Readonly<Record<string, (outcome: Outcome, seed: number, way: string) => number>> = {
    found: ({ found }) => found,
    'found at equal seconds': (_, seed, of) => foundByThen(of, seed),
    again: ({ again }) => again,
    seconds: ({ seconds }) => seconds,
  };
  for (const [figure, of] of Object.entries(figures)) {
    const own = all.map((outcome, seed) => of(outcome, seed, way));
    const difference = own.map((value, seed) => value - of(reference[seed]!, seed, ways[0]!));
    console.log(`${way} · ${figure}: ${text(meanInterval(own))}, against ${ways[0]} ${text(meanInterval(difference))}`);
  }
}

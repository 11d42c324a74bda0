// node --conditions=source --import tsx test/long/population.ts EXPERIMENT FOLDER [--seeds 3] [--ways population,random,tpe]
// Which way of searching brings most for the same number of steps? For each seed each way searches in EXPERIMENT, which has a section
// `search` with `population`: as that says, or by as many trials of all steps each. It prints one line a search, with what its winner
// reaches on seeds that the search did not have and the seconds of training, then the mean of each way with its 95 % interval, and its
// difference to the first, paired by seed.
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
}

async function outcomeOf(way: string, seed: number): Promise<Outcome> {
  const out = join(folder, `${way}-${seed}`);
  // Seeds of the winners' trainings follow on that of the search.
  const set = { seed: 100 * (seed + 1) };
  if (way === 'population') {
    const last = await lastValueFrom(trainPopulation(experiment, { out, set }));
    if (last.kind !== 'result') throw new Error('The population was interrupted.');
    const { winner, segments } = last.result;
    return { found: winner.value, again: winner.again!.mean, seconds: sum(segments) };
  }
  const last = await lastValueFrom(search(experiment, { out, set: { ...set, ...trialsFor(way) } }));
  if (last.kind !== 'result') throw new Error('The search was interrupted.');
  const { winner, trials } = last.result;
  return { found: winner.values[0]!, again: winner.again[0]!.mean, seconds: sum(trials) };
}

/** As many trials as there are members; a population is set to nothing by a section without it. */
function trialsFor(sampler: string) {
  const { population, ...others } = given.search as { readonly population: number };
  return { search: { ...others, trials: population, sampler } };
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
const text = ({ mean, halfWidth = Number.NaN }: Interval) => `${mean.toFixed(4)} ± ${halfWidth.toFixed(4)}`;
const reference = outcomes.get(ways[0]!)!;
for (const [way, all] of outcomes) {
  for (const figure of ['found', 'again', 'seconds'] as const) {
    const difference = meanInterval(all.map((outcome, i) => outcome[figure] - reference[i]![figure]));
    console.log(
      `${way} · ${figure}: ${text(meanInterval(all.map((outcome) => outcome[figure])))}, against ${ways[0]} ${text(difference)}`,
    );
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { type PopulationResult, search, trainPopulation } from '../../../../src/study/index.ts';
import { copyCheckpoint } from '../../../../src/study/search/population/train-until.ts';
import { root, temporaryFolder } from '../../../repository.ts';
import { describeWithOptuna } from '../with-optuna.ts';

const folder = temporaryFolder();
const experiment = {
  name: 'points',
  seed: 1,
  trunk: { kind: 'dense' as const, width: 8, depth: 1 },
  plugins: [join(root, 'test/study/search/untested-points.ts')],
  tasks: { above: {}, right: {} },
  training: { steps: 15, batch: 8, evaluateEvery: 5, optimizer: { kind: 'adam' as const } },
  search: {
    space: {
      'training.optimizer.learningRate': { log: [1e-4, 1e-1] as [number, number] },
      'tasks.right.weight': { range: [0.2, 2] as [number, number] },
      'training.clip': [0.1, 1, 10],
    },
    objectives: 'above',
    population: 4,
    seeds: 2,
  },
};
const refused = (...args: Parameters<typeof trainPopulation>) =>
  lastValueFrom(trainPopulation(...args)).then(
    () => 'no error',
    (error: Error) => error.message,
  );
const result = async (out: string): Promise<PopulationResult> => {
  const last = await lastValueFrom(trainPopulation(experiment, { out }));
  if (last.kind !== 'result') throw new Error('no result');
  return last.result;
};
const known = ({ segments, winner }: PopulationResult) => ({
  segments: segments.map(({ seconds: _, ...segment }) => segment),
  again: winner.again?.values,
});
const checkpoint = (out: string, name: string): string => {
  const checkpoints = join(out, 'runs', name, 'checkpoints');
  return join(checkpoints, readdirSync(checkpoints).sort().at(-1)!);
};

describeWithOptuna('a population', () => {
  it('goes on where it was interrupted and with two workers to the same bits, and copies networks whole', async () => {
    const [whole, parted, shared] = ['whole', 'parted', 'shared'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const all = await result(whole);
    expect(all.segments.map(({ generation, member }) => [generation, member])).toEqual(
      [0, 1, 2].flatMap((generation) => [0, 1, 2, 3].map((member) => [generation, member])),
    );
    // In each of two generations one of four members gave its place to the best one.
    const copies = all.segments.filter(({ member, parent }) => parent !== undefined && parent !== member);
    expect(copies).toHaveLength(2);
    for (const { generation, parent, settings } of copies) {
      const before = all.segments.filter((segment) => segment.generation === generation - 1);
      expect(before[parent!]!.value).toBe(Math.max(...before.map(({ value }) => value!)));
      expect(settings).not.toEqual(before[parent!]!.settings);
    }
    const { way, value, again, folder: best } = all.winner;
    expect(way.map(({ steps }) => steps)).toEqual([5, 10, 15]);
    expect(value).toBe(Math.max(...all.segments.slice(-4).map((segment) => segment.value!)));
    expect(again?.values).toHaveLength(2);
    expect(JSON.parse(readFileSync(join(whole, 'result.json'), 'utf8'))).toEqual(all);
    expect(readFileSync(join(whole, 'population.html'), 'utf8')).toMatch(/<svg[\s\S]*lineage/);
    // What nobody goes on with is gone; the best network is there.
    expect(existsSync(join(whole, 'runs', 'generation-0-member-0', 'checkpoints'))).toBe(false);
    expect(checkpoint(whole, best.split('/').at(-1)!)).toContain('step-00000015');

    const stopping = new AbortController();
    const stopped = await lastValueFrom(
      trainPopulation(experiment, { out: parted, signal: stopping.signal }).pipe(
        tap((event) => {
          if (event.kind === 'run' && event.number === 6) setTimeout(() => stopping.abort(), 1);
        }),
      ),
    );
    expect(stopped.kind).toBe('interrupted');
    expect(known(await result(parted))).toEqual(known(all));

    const [first, second] = await Promise.all([result(shared), result(shared)]);
    expect(known(first)).toEqual(known(all));
    expect(known(second)).toEqual(known(all));

    // A member that kept its network went on from a copy of its checkpoint.
    const copied = join(folder, 'copied');
    const from = join(whole, 'runs', 'generation-1-member-0');
    await copyCheckpoint(from, copied);
    const [original, copy] = [checkpoint(whole, 'generation-1-member-0'), join(copied, readdirSync(copied)[0]!)];
    expect(readdirSync(copy).sort()).toEqual(readdirSync(original).sort());
    for (const file of readdirSync(copy)) {
      expect(readFileSync(join(copy, file)).equals(readFileSync(join(original, file))), file).toBe(true);
    }
  });

  it('replaces a member that cannot be trained, and says when none can', async () => {
    const out = join(folder, 'failing');
    const failures: string[] = [];
    const last = await lastValueFrom(
      trainPopulation(experiment, {
        out,
        set: {
          'training.optimizer': { kind: 'sgd', learningRate: 0.1 },
          'training.clip': Number.POSITIVE_INFINITY,
          'training.steps': 10,
          'search.space': { 'training.optimizer.learningRate': [0.1, 1e30] },
          'search.seeds': 1,
        },
      }).pipe(
        tap((event) => {
          if (event.kind === 'failure') failures.push(event.message);
        }),
      ),
    );
    if (last.kind !== 'result') throw new Error('no result');
    const failed = last.result.segments.filter(({ state }) => state === 'failed');
    expect(failed.length).toBeGreaterThan(0); // By this seed some are drawn.
    expect(failures).toHaveLength(failed.length);
    for (const { generation, member } of failed.filter((segment) => segment.generation === 0)) {
      const next = last.result.segments.find(
        (segment) => segment.generation === generation + 1 && segment.member === member,
      );
      expect(next!.parent).not.toBe(member);
    }
  });

  it('says what a population cannot be', async () => {
    const out = join(folder, 'refused');
    expect(await refused(experiment, { out, set: { 'search.objectives': 'each' } })).toContain(
      ': a population is ranked by one objective, received 2: above accuracy, right accuracy. Name one task in search.objectives, or relative.',
    );
    expect(await refused(experiment, { out, set: { 'search.space': { 'trunk.width': [8, 16] } } })).toContain(
      ': search.space.trunk.width cannot change while a network is trained, expected with search.population one of training.optimizer.…, training.schedule.… (not their kind), training.clip, tasks.<name>.weight and tasks.<name>.learningRate. Remove it, or leave out search.population.',
    );
    expect(await refused(experiment, { out, set: { 'training.evaluateEvery': 4 } })).toContain(
      ': training.evaluateEvery must divide the 15 steps with search.population, received 4, since members are compared at each measurement and at the end. Set it to 3.',
    );
    const { population: _, ...without } = experiment.search;
    expect(await refused({ ...experiment, search: without }, { out })).toBe(
      'experiment: search has no population, expected the number of its members. Add it, or call search().',
    );
    await expect(lastValueFrom(search(experiment, { out }))).rejects.toThrow(
      'experiment: search() makes trials, expected no population, received 4. Call trainPopulation(), or remove it.',
    );
    expect(existsSync(out)).toBe(false);
  });
});

it.each([
  ['search.trials', 10, /search\.trials.*left out where there is search\.population/],
  ['search.sampler', 'random', /search\.sampler.*left out where there is search\.population/],
  ['search.prune', 'median', /search\.prune.*left out where there is search\.population/],
  ['search.population', 1, /search\.population.*a whole number >= 2/],
  ['training.best', {}, /training\.best.*left out where there is search\.population/],
  ['training.stop', { task: 'above', patience: 2 }, /training\.stop.*left out where there is search\.population/],
])('an experiment with a population has no %s', async (key, value, message) => {
  expect(await refused(experiment, { set: { [key]: value } })).toMatch(message);
});

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { openRun, type SearchResult, search } from '../../../src/study/index.ts';
import { reportSearch } from '../../../src/study/search/report.ts';
import { root, temporaryFolder } from '../../repository.ts';
import { describeWithOptuna } from './with-optuna.ts';

const folder = temporaryFolder();
const experiment = {
  name: 'points',
  seed: 1,
  trunk: { kind: 'dense' as const, width: 8, depth: 1 },
  plugins: [join(root, 'test/study/search/untested-points.ts')],
  tasks: { above: {}, right: {} },
  training: { steps: 20, batch: 8, evaluateEvery: 5, optimizer: { kind: 'adam' as const } },
  search: {
    space: {
      'training.optimizer.learningRate': { log: [1e-3, 1e-1] as [number, number] },
      'trunk.width': [4, 8],
      'training.balance': ['equal', 'pcgrad'],
    },
    trials: 3,
    seeds: 2,
  },
};
const refused = (...args: Parameters<typeof search>) =>
  lastValueFrom(search(...args)).then(
    () => undefined,
    (error: Error & { code?: string }) => error.message,
  );

describeWithOptuna('search, called by a program', () => {
  it('goes on with an interrupted trial, and ends with a winner that other seeds have measured', async () => {
    const out = join(folder, 'search');
    const stopping = new AbortController();
    const begun: string[] = [];
    const stopped = await lastValueFrom(
      search(experiment, { out, signal: stopping.signal }).pipe(
        tap((event) => {
          begun.push(event.kind);
          // In the middle of the second trial.
          if (event.kind === 'run') setTimeout(() => stopping.abort(), 1);
        }),
      ),
    );
    expect(begun).toEqual(['start', 'run', 'interrupted']);
    expect(stopped).toEqual({ kind: 'interrupted', folder: out, finished: 1, runs: 5 });

    const stored: boolean[] = [];
    const last = await lastValueFrom(
      search(experiment, { out }).pipe(
        tap((event) => {
          if (event.kind === 'run') stored.push(event.stored);
        }),
      ),
    );
    expect(stored).toEqual([true, false, false, false, false]);
    if (last.kind !== 'result') throw new Error('no result');
    const { result } = last;
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toEqual(result);
    expect(result.objectives).toEqual([
      { name: 'above accuracy', higherIsBetter: true },
      { name: 'right accuracy', higherIsBetter: true },
    ]);
    expect(result.trials).toHaveLength(3);
    for (const { state, steps, values, settings } of result.trials) {
      expect([state, steps, values!.length]).toEqual(['complete', 20, 2]);
      expect(Object.keys(settings)).toEqual(Object.keys(experiment.search.space));
    }
    expect(result.winner.again.map(({ values }) => values.length)).toEqual([2, 2]);
    expect(readFileSync(join(out, 'search.html'), 'utf8')).toMatch(/<svg[\s\S]*parallel coordinates/);

    // A trial is a run that can be read; of the two that were begun twice there is one folder each.
    const numbers = result.trials.map(({ number }) => number);
    expect(
      readdirSync(join(out, 'runs'))
        .filter((name) => !name.includes('seed'))
        .sort(),
    ).toEqual(numbers.map((number) => `trial-${number}`).sort());
    const run = await openRun(join(out, 'runs', `trial-${numbers[1]}`));
    expect(run.events().filter(({ kind }) => kind === 'step')).toHaveLength(20);
    expect(existsSync(join(out, 'runs', `trial-${numbers[1]}`, 'checkpoints'))).toBe(false);

    // The file of the best settings is an experiment.
    const winner = JSON.parse(readFileSync(join(out, 'winner.json'), 'utf8'));
    expect(winner.trunk.width).toBe(result.winner.settings['trunk.width']);
    expect(winner.search).toBeUndefined();

    // More trials may follow, and the page can be written anew.
    const file = join(folder, 'points.json');
    writeFileSync(file, JSON.stringify({ ...experiment, training: { ...experiment.training } }));
    const page = await reportSearch(file, { out });
    expect(page.result).toEqual(result);
    const more = await lastValueFrom(search(experiment, { out, set: { 'search.trials': 4, 'search.seeds': 1 } }));
    expect((more as { result: SearchResult }).result.trials).toHaveLength(4);
    expect(await refused(experiment, { out, set: { 'training.batch': 4 } })).toContain(
      `${out} was made for another experiment: training.batch is 4, was 8. Expected a search of the same experiment`,
    );
  });

  it('judges relative to each task alone, and leaves out a trial that fails', async () => {
    const out = join(folder, 'relative');
    const failures: string[] = [];
    const last = await lastValueFrom(
      search(
        {
          ...experiment,
          trunk: { kind: 'transformer', width: 8, depth: 1, heads: 2 },
          search: {
            // Widths that the heads do not divide cannot be built: each is checked alone with the experiment's own heads.
            space: { 'trunk.width': [8, 6], 'trunk.heads': [2, 4] },
            objectives: 'relative',
            trials: 5,
            seeds: 1,
            sampler: 'random',
          },
        },
        { out },
      ).pipe(
        tap((event) => {
          if (event.kind === 'failure') failures.push(event.message);
        }),
      ),
    );
    if (last.kind !== 'result') throw new Error('no result');
    const { result } = last;
    expect(result.objectives).toEqual([{ name: 'delta-m %', higherIsBetter: true }]);
    expect(result.trials).toHaveLength(5);
    const failed = result.trials.filter(
      ({ settings }) => settings['trunk.width'] === 6 && settings['trunk.heads'] === 4,
    );
    expect(failed.length).toBeGreaterThan(0); // By this seed one is drawn.
    expect(failures).toHaveLength(failed.length);
    expect(failures[0]).toMatch(/^trial \d: .*heads/);
    for (const { state, message } of failed)
      expect([state, message]).toEqual(['failed', expect.stringContaining('heads')]);
    expect(readdirSync(join(out, 'runs'))).toEqual(expect.arrayContaining(['alone-above', 'alone-right']));
  });
});

it('search tells what it cannot do', async () => {
  const { search: _, ...without } = experiment;
  const message = await refused(without);
  // Without Optuna that is what is told first.
  expect(message).toMatch(/experiment has no section "search": expected one with space\.|^A search needs Optuna/);
});

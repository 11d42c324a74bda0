import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { learningCurve } from '../../../src/study/index.ts';
import { root, temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const experiment = {
  name: 'points',
  seed: 1,
  trunk: { kind: 'dense' as const, width: 8, depth: 1 },
  plugins: [join(root, 'test/cli/fixtures/points.ts')],
  tasks: { above: {}, right: {} },
  training: { steps: 30, batch: 8 },
};
const refused = (...args: Parameters<typeof learningCurve>) =>
  lastValueFrom(learningCurve(...args)).then(
    () => undefined,
    (error: Error) => error.message,
  );

it('learningCurve trains on growing parts, together and alone, goes on, and ends with a page', async () => {
  const out = join(folder, 'curve');
  const options = { task: 'right', fractions: [0.25, 1, 0.5], seeds: 2, target: 0.97, out };
  const stopping = new AbortController();
  const stopped = await lastValueFrom(
    learningCurve(experiment, { ...options, signal: stopping.signal }).pipe(
      tap((event) => {
        if (event.kind === 'run' && event.number === 2) stopping.abort();
      }),
    ),
  );
  expect(stopped).toEqual({ kind: 'interrupted', folder: out, finished: 2, runs: 12 });

  const seen: string[] = [];
  const last = await lastValueFrom(
    learningCurve(experiment, options).pipe(
      tap((event) => {
        if (event.kind === 'run') seen.push(`${event.stored} ${event.run.way} ${event.outcome.examples}`);
      }),
    ),
  );
  expect(seen.slice(0, 6)).toEqual([
    'true together 53',
    'true together 105',
    'false together 210',
    'false alone 53',
    'false alone 105',
    'false alone 210',
  ]);
  if (last.kind !== 'result') throw new Error('no result');
  const { result } = last;
  expect(result).toMatchObject({ task: 'right', metric: 'accuracy', higherIsBetter: true, target: 0.97 });
  expect(result.rows.map(({ way, sizes }) => [way, sizes.map(({ values }) => values.length)])).toEqual([
    ['together', [2, 2, 2]],
    ['alone', [2, 2, 2]],
  ]);
  // Stem 2 · 8, block and head: what the task alone trains.
  expect(result.rule.examples).toBe(result.rule.parameters ** 2);
  expect(readFileSync(join(out, 'learning-curve.html'), 'utf8')).toMatch(/<svg[\s\S]*training examples/);

  expect(await refused(experiment, { ...options, task: 'rihgt' })).toBe(
    'learning-curve: task must be one of the experiment\'s: above, right, received "rihgt". Did you mean "right"?',
  );
  expect(await refused(experiment, { ...options, fractions: [0.5, 1] })).toContain(
    'fractions must be a list of at least three different numbers > 0 and <= 1, received [0.5,1]',
  );
  expect(await refused(experiment, { ...options, seeds: 1 })).toContain(
    'seeds must be a whole number >= 2, received 1',
  );
}, 300_000);

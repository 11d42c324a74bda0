import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import { type CompareEvent, compare, openRun } from '../../src/study/index.ts';
import { whileLocked } from '../../src/study/lock/lock.ts';
import { program } from '../cli/command.ts';
import { root, temporaryFolder } from '../repository.ts';
import { withoutCost } from './without-cost.ts';

const folder = temporaryFolder();
const experiment = {
  seed: 1,
  trunk: { kind: 'dense' as const, width: 8, depth: 1 },
  plugins: [join(root, 'test/cli/fixtures/points.ts')],
  tasks: { above: {}, right: {} },
  training: { steps: 6, batch: 8, threads: 1 },
};
const ORPHANED = 60_000;

it('compare, called by a program: goes on after unsubscribing, and ends with the result of the command', async () => {
  const out = join(folder, 'program');
  const options = { methods: ['equal'], seeds: 1, out };
  // Unsubscribes with the first run.
  const begun = await lastValueFrom(
    compare(experiment, options).pipe(
      takeWhile(({ kind }) => kind !== 'run', true),
      toArray<CompareEvent>(),
    ),
  );
  expect(begun.map(({ kind }) => kind)).toEqual(['start', 'run']);
  expect(begun[0]).toEqual({ kind: 'start', folder: out, runs: 3, stored: 0 });
  // What was begun ends before another process may go on.
  await whileLocked(out, async () => {}, ORPHANED);

  const events = await lastValueFrom(compare(experiment, options).pipe(toArray()));
  expect(events.map(({ kind }) => kind)).toEqual(['start', 'run', 'run', 'run', 'result']);
  expect(events[1]).toMatchObject({ number: 1, runs: 3, stored: true, run: { title: 'seed 1 · above alone' } });
  const last = events.at(-1)!;
  if (last.kind !== 'result') throw new Error('no result');
  expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toEqual(last.result);

  const run = await openRun(join(out, 'runs/equal-seed-1'));
  expect(run.experiment.training.steps).toBe(6);
  expect(run.events().filter(({ kind }) => kind === 'step')).toHaveLength(6);
  expect((await run.result())!.metrics.above!.accuracy).toBe(last.result.rows[0]!.tasks.above!.mean);

  const file = join(folder, 'experiment.json');
  writeFileSync(file, JSON.stringify(experiment));
  const args = ['compare', file, '--methods', 'equal', '--seeds', '1', '--out', join(folder, 'command'), '--json'];
  const { code, stdout, stderr } = await program('src/cli/banyan.ts', args);
  expect([code, stderr]).toEqual([0, '']);
  expect(withoutCost(last.result)).toEqual(withoutCost(JSON.parse(stdout)));
}, 300_000);

it('compare tells what it cannot do before it trains', async () => {
  const refused = (...given: Parameters<typeof compare>) =>
    lastValueFrom(compare(...given)).then(
      () => undefined,
      (error: Error & { code?: string }) => ({ code: error.code, message: error.message }),
    );
  expect(await refused(experiment, { seeds: 0 })).toEqual({
    code: 'argument',
    message: 'compare: seeds must be a whole number >= 1, received 0. Raise it to 1 or more.',
  });
  expect(await refused(experiment, { methods: ['pcgard'] })).toMatchObject({
    message: expect.stringContaining('received "pcgard". Did you mean "pcgrad"?'),
  });
  expect(await refused(experiment, { seed: 3 } as never)).toEqual({
    code: 'argument',
    message:
      'compare: seed is no option of compare. Expected one of: methods, sharing, seeds, out, set, signal. Did you mean "seeds"?',
  });
  expect(await refused(7 as never)).toEqual({
    code: 'argument',
    message:
      'An experiment must be the path of a file or an object with trunk, tasks and training, received 7. Give one of these.',
  });
  expect(await refused({ ...experiment, tasks: {} })).toMatchObject({
    code: 'experiment',
    message: expect.stringContaining('tasks must be a section with at least one task'),
  });
  const out = temporaryFolder();
  await whileLocked(out, async () => {
    expect(await refused(experiment, { out })).toMatchObject({ code: 'busy' });
  });
  // An aborted signal keeps it from beginning.
  const stopped = await lastValueFrom(
    compare(experiment, { methods: ['equal'], seeds: 1, out, signal: AbortSignal.abort() }),
  );
  expect(stopped).toEqual({ kind: 'interrupted', folder: out, finished: 0, runs: 3 });
});

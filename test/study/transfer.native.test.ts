import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { transfer } from '../../src/study/index.ts';
import { program } from '../cli/command.ts';
import { root, temporaryFolder } from '../repository.ts';
import { withoutCost } from './without-cost.ts';

const folder = temporaryFolder();
const experiment = {
  seed: 1,
  trunk: { kind: 'transformer' as const, width: 8, depth: 2, heads: 2, dropout: 0.1 },
  plugins: [join(root, 'test/cli/fixtures/points.ts')],
  tasks: { above: {} },
  training: { steps: 4, batch: 8 },
  transfer: {
    targets: ['right'],
    examples: [0.1],
    seeds: 1,
    methods: ['scratch' as const, 'progressive' as const],
    training: { steps: 2, batch: 8 },
    points: 1,
    evaluateExamples: 50,
  },
};

it('transfer, called by a program: goes on after its signal, and ends with the result of the command', async () => {
  const out = join(folder, 'program');
  const stopping = new AbortController();
  const stopped = await lastValueFrom(
    transfer(experiment, { out, signal: stopping.signal }).pipe(
      tap(({ kind }) => {
        if (kind === 'run') stopping.abort();
      }),
    ),
  );
  expect(stopped).toEqual({ kind: 'interrupted', folder: out, finished: 1, runs: 2 });

  const stored: boolean[] = [];
  const last = await lastValueFrom(
    transfer(experiment, { out }).pipe(
      tap((event) => {
        if (event.kind === 'run') stored.push(event.stored);
      }),
    ),
  );
  expect(stored).toEqual([true, false]);
  if (last.kind !== 'result') throw new Error('no result');
  expect(last.result.groups[0]!.rows.map(({ method }) => method)).toEqual(['scratch', 'progressive']);

  // With the threads that this process has.
  const { training } = JSON.parse(readFileSync(join(out, 'experiment.json'), 'utf8')) as typeof experiment;
  const file = join(folder, 'experiment.json');
  writeFileSync(file, JSON.stringify({ ...experiment, training }));
  const args = ['transfer', file, '--out', join(folder, 'command'), '--json'];
  const { code, stdout, stderr } = await program('src/cli/banyan.ts', args);
  expect([code, stderr]).toEqual([0, '']);
  expect(withoutCost(last.result)).toEqual(withoutCost(JSON.parse(stdout)));
}, 300_000);

it('transfer needs its section', async () => {
  const { transfer: _, ...rest } = experiment;
  await expect(lastValueFrom(transfer(rest, { out: join(folder, 'none') }))).rejects.toThrow(
    'experiment has no section "transfer": expected one with targets and training. Add it, or use `banyan train`.',
  );
});

it('transfer takes tasks of several inputs, as sources and as targets', async () => {
  const several = {
    ...experiment,
    tasks: { compared: {}, right: {} },
    transfer: { ...experiment.transfer, targets: ['above', 'compared'], sources: [['compared'], ['right']] },
  };
  const last = await lastValueFrom(transfer(several, { out: join(folder, 'several') }));
  if (last.kind !== 'result') throw new Error('no result');
  const rows = last.result.groups.flatMap(({ source, rows }) =>
    rows.map(({ target, method }) => [source, target, method]),
  );
  expect(rows).toEqual([
    ['compared', 'above', 'scratch'],
    ['compared', 'above', 'progressive'],
    ['right', 'above', 'scratch'],
    ['right', 'above', 'progressive'],
    ['right', 'compared', 'scratch'],
    ['right', 'compared', 'progressive'],
  ]);
}, 300_000);

// Kills at each call that a command makes on files. Each run must go on, and end with the bytes of one that was left alone.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { compileFaults, type FileCall, faultsIn, takeCalls } from './faults.ts';
import { banyan } from './program.ts';
import { record } from './record.ts';
import { killEverywhere, runOutcome, type Work } from './survive.ts';

const folder = temporaryFolder();
const library = compileFaults(folder);
const experiment = join(folder, 'experiment.yaml');
writeFileSync(
  experiment,
  `
seed: 5
trunk: { kind: dense, width: 8, depth: 2 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: , right: }
training: { steps: 9, batch: 8, threads: 1, evaluateEvery: 4, checkpoint: { every: 2 } }
`,
);

const started = (out: string) => existsSync(join(out, 'experiment.json'));

const train: Work = {
  name: 'train',
  args: (out) => (started(out) ? ['resume', out] : ['train', experiment, '--out', out]),
  outcome: runOutcome,
};

describe('kills at each call on files', () => {
  it('of `banyan train` and `banyan resume`', async (context) => {
    if ('missing' in library) return context.skip(`needs ${library.missing}`);
    const { lost, kills, figures } = await killEverywhere(library, folder, train);
    await record('`train` and `resume`, killed at calls on files', figures, { kills, lost: lost.length });
    expect(lost).toEqual([]);
  });

  it('of `banyan add-column`', async (context) => {
    if ('missing' in library) return context.skip(`needs ${library.missing}`);
    const base = join(folder, 'base');
    expect(await banyan(['train', experiment, '--out', base])).toMatchObject({ code: 0 });
    const grow: Work = {
      name: 'add-column',
      args: (out) =>
        started(out) ? ['resume', out] : ['add-column', base, '--tasks', 'shapes', '--steps', '4', '--out', out],
      outcome: runOutcome,
    };
    const { lost, kills, figures } = await killEverywhere(library, folder, grow);
    await record('`add-column`, killed at calls on files', figures, { kills, lost: lost.length });
    expect(lost).toEqual([]);
  });
});

it('each rename of a run is between an fsync of what is renamed and one of its folder', async (context) => {
  if ('missing' in library) return context.skip(`needs ${library.missing}`);
  const [out, log] = [join(folder, 'synced'), join(folder, 'synced.log')];
  expect(await banyan(train.args(out), { env: faultsIn(library.file, out, { log }) })).toMatchObject({ code: 0 });
  const calls = takeCalls(log);
  expect(calls.filter(({ call }) => call === 'rename').length).toBeGreaterThan(0);
  expect(unsynced(calls)).toEqual([]);
});

/** Renames that no fsync of what is renamed came before, or no fsync of its folder came after. */
function unsynced(calls: readonly FileCall[]): string[] {
  const synced = (path: string, among: readonly FileCall[]) =>
    among.some(({ call, path: found }) => call === 'fsync' && found === path);
  return calls.flatMap(({ call, path, to }, i) => {
    if (call !== 'rename') return [];
    const before = synced(path, calls.slice(0, i));
    const after = synced(dirname(to), calls.slice(i));
    return before && after
      ? []
      : [
          `${path} → ${to}: ${before ? '' : 'it was not synced before. '}${after ? '' : 'Its folder was not synced after.'}`,
        ];
  });
}

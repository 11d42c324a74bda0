// A described task joins a trained run of described tasks as a column: the old outputs stay equal to the bit.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { growExperiment } from '../../src/experiment/grow.ts';
import { changeExperiment, loadExperiment } from '../../src/experiment/load.ts';
import { internals, type Network } from '../../src/network/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { evaluateRun } from '../../src/study/run/evaluate.ts';
import { readRun } from '../../src/study/run/folder.ts';
import { buildNetwork, openSession, restoreNetwork } from '../../src/study/run/session.ts';
import { startRun } from '../../src/study/run/start.ts';
import { temporaryFolder } from '../repository.ts';

const folder = join(temporaryFolder(), 'columns');
const run = (name: string) => join(folder, name);
const silent = { signal: new AbortController().signal, tell: () => {} };

const EXPERIMENT = `
data: { points: { file: points.csv } }
trunk: { kind: dense, width: 16, depth: 2 }
tasks:
  sum: { data: points, inputs: [x, y, colour], target: sum }
  sign: { data: points, inputs: [x, y], target: { column: sign, kind: class }, at: 1 }
training: { steps: 60, batch: 32, seed: 1, optimizer: { kind: adamw, learningRate: 0.01 } }
`;

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  const random = new RandomStream(1, 'points');
  const rows = Array.from({ length: 300 }, (_, i) => {
    const [x, y] = [random.normal(), random.normal()];
    return [x, y, ['red', 'blue'][i % 2], x + 2 * y + (i % 2), x > 0 ? 'plus' : 'minus', x * y > 0 ? 'yes' : 'no'];
  });
  writeFileSync(run('points.csv'), [['x', 'y', 'colour', 'sum', 'sign', 'alike'], ...rows].join('\n'));
  writeFileSync(run('first.yaml'), EXPERIMENT);
});

/** What the network of a run predicts, by the tasks of its own session. */
async function predictionsOf(name: string, tasks: readonly string[]) {
  const session = await openSession(await readRun(run(name)));
  const { network } = await restoreNetwork(session, run(name));
  const definitions = [...(session.base?.tasks ?? []), ...session.tasks];
  const row = { x: '0.25', y: '-1.5', colour: 'red' };
  const found: Record<string, unknown> = {};
  for (const task of tasks) {
    const { fromRow } = definitions.find((definition) => definition.name === task)!;
    [found[task]] = await (network as Network).predict(task, [await fromRow!(row, { row: 'a row', folder })]);
  }
  const metrics = await evaluateRun(network);
  network.dispose();
  return { found, metrics };
}

describe('the depth at which a head reads', () => {
  const changed = async (settings: Readonly<Record<string, unknown>>) =>
    openSession(changeExperiment(await loadExperiment(run('first.yaml')), settings));

  it('is said by the experiment, and is no more than there are blocks', async () => {
    const network = await buildNetwork(await changed({}));
    const depths = internals(network).body.tasks.map(({ name, at }) => [name, at]);
    expect(depths).toEqual([
      ['sum', undefined],
      ['sign', 1],
    ]);
    network.dispose();
    await expect(buildNetwork(await changed({ 'tasks.sign.at': 3 }))).rejects.toThrow(
      'Task "sign": its head reads at 3 blocks, expected a number from 0 to 2, the depth of its column.',
    );
    await expect(changed({ 'tasks.sign.at': -1 })).rejects.toThrow(/at must be a whole number >= 0, received -1/);
  });
});

describe('a described task in a column of its own', () => {
  it('joins a run by its description, over the same rows', async () => {
    await startRun(await openSession(await loadExperiment(run('first.yaml'))), run('first'), silent);
    const before = await predictionsOf('first', ['sum', 'sign']);
    const grown = growExperiment(await readRun(run('first')), run('first'), { tasks: ['alike'] });
    const described = { data: 'points', inputs: ['x', 'y'], target: { column: 'alike', kind: 'class' } };
    const session = await openSession(changeExperiment(grown, { 'tasks.alike': described }));
    expect(session.tasks.map(({ name }) => name)).toEqual(['alike']);
    expect(await startRun(session, run('second'), silent)).toBe('done');
    const after = await predictionsOf('second', ['sum', 'sign', 'alike']);
    expect(after.found).toMatchObject(before.found);
    expect(after.metrics.metrics).toMatchObject(before.metrics.metrics);
    expect(Object.keys(after.metrics.metrics)).toEqual(['sum', 'sign', 'alike']);
  });

  it('joins a run that has such a column already, from an experiment with a base and rows of its own', async () => {
    const before = await predictionsOf('second', ['sum', 'sign', 'alike']);
    writeFileSync(
      run('third.yaml'),
      `
base: second
data: { more: { file: points.csv } }
tasks: { colour: { data: more, inputs: [sum, x, y], target: colour } }
training: { steps: 40, batch: 32, seed: 1 }
`,
    );
    const session = await openSession(await loadExperiment(run('third.yaml')));
    expect(await startRun(session, run('third'), silent)).toBe('done');
    const after = await predictionsOf('third', ['sum', 'sign', 'alike']);
    expect(after.found).toEqual(before.found);
    expect(Object.keys(after.metrics.metrics)).toEqual(['sum', 'sign', 'alike', 'colour']);
  });
});

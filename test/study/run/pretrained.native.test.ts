// Runs whose networks begin with the weights of a file.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { weightsText } from '../../../src/cli/print/inspection.ts';
import { loadExperiment } from '../../../src/experiment/load.ts';
import { startRuntime } from '../../../src/index.ts';
import { internals, type Network } from '../../../src/network/index.ts';
import { checkSession } from '../../../src/study/check/check.ts';
import { experimentDifferences } from '../../../src/study/run/differences.ts';
import { readRun } from '../../../src/study/run/folder.ts';
import { inspectWeights } from '../../../src/study/run/inspect.ts';
import { openRun } from '../../../src/study/run/open.ts';
import { openSession } from '../../../src/study/run/session.ts';
import { resumeRun, startRun } from '../../../src/study/run/start.ts';
import { temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const options = { signal: new AbortController().signal, tell: () => {} };

/** An experiment that learns nothing: its network stays as it began. */
function write(name: string, more = '', seed = 0): string {
  const lines = [
    'trunk: { kind: dense, width: 8, depth: 1 }',
    'tasks: { shapes: {} }',
    `seed: ${seed}`,
    'training: { steps: 1, batch: 4, optimizer: { kind: sgd, learningRate: 0 } }',
    more,
  ];
  writeFileSync(at(name), lines.join('\n'));
  return at(name);
}

const begin = async (file: string, out: string) =>
  startRun(await openSession(await loadExperiment(file)), at(out), options);

async function weightsOf(run: string): Promise<Readonly<Record<string, readonly number[]>>> {
  const network = (await (await openRun(at(run))).network()) as Network;
  const all = internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, [...tensor.dataSync()]] as const);
  network.dispose();
  return Object.fromEntries(all);
}

const KERNEL = 'column-0/block-0/dense/kernel';
const later = 'pretrained: [{ from: first, into: [trunk, stem/shapes] }]';

describe('a run with `pretrained`', () => {
  beforeAll(async () => {
    await startRuntime();
    expect(await begin(write('first.yaml'), 'first')).toBe('done');
    expect(await begin(write('second.yaml', later, 5), 'second')).toBe('done');
  }, 60_000);

  it('begins with the weights of the file, and keeps its digest', async () => {
    const [first, second] = [await weightsOf('first'), await weightsOf('second')];
    expect(second[KERNEL]).toEqual(first[KERNEL]);
    expect(first[KERNEL]).toHaveLength(64);
    const head = Object.keys(first).find((name) => /^head\/.*kernel$/.test(name))!;
    expect(second[head]).not.toEqual(first[head]);
    const { pretrained } = JSON.parse(readFileSync(at('second/experiment.json'), 'utf8')) as Record<string, unknown>;
    expect(pretrained).toEqual([
      { from: at('first'), into: ['trunk', 'stem/shapes'], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    const [file, run] = [await loadExperiment(at('second.yaml')), await readRun(at('second'))];
    const threads = { ...file.experiment, training: run.experiment.training };
    expect(experimentDifferences(run.experiment, threads)).toEqual([]);
    const other = { ...threads, pretrained: [{ from: at('other'), into: 'trunk' }] };
    expect(experimentDifferences(run.experiment, other)).toHaveLength(1);
  });

  it('has weights that are listed by the names that a map matches', async () => {
    const session = await openSession(await readRun(at('first')));
    const weights = await inspectWeights(session, at('first'));
    expect(weights.map(({ name }) => name).sort()).toEqual(Object.keys(await weightsOf('first')).sort());
    expect(weightsText(weights)).toMatch(/^column-0\/block-0\/dense\/kernel +\[8, 8\] +yes$/m);
    const statistic = weights.find(({ name }) => name.endsWith('running-mean'))!;
    expect(weightsText([statistic])).toMatch(/running-mean +\[\d+\] +no$/m);
  });

  it('is tried by --check', async () => {
    const messages: string[] = [];
    const loaded = await loadExperiment(at('second.yaml'));
    for await (const { ok } of checkSession(await openSession(loaded))) messages.push(String(ok));
    expect(messages.length).toBeGreaterThan(2);
    writeFileSync(at('wrong.yaml'), readFileSync(at('second.yaml'), 'utf8').replace('width: 8', 'width: 16'));
    const session = await openSession(await loadExperiment(at('wrong.yaml')));
    const tried = async () => {
      for await (const _ of checkSession(session));
    };
    await expect(tried()).rejects.toThrow(
      `${at('wrong.yaml')}, line 5: ${at('first')} does not fit into trunk, stem/shapes.`,
    );
  });

  it('loads them again where it begins anew, from the same file alone', async () => {
    const before = await weightsOf('second');
    for (const name of ['result.json', 'checkpoints', 'network', 'events.jsonl'])
      rmSync(at(`second/${name}`), { recursive: true, force: true });
    expect(await resumeRun(await readRun(at('second')), at('second'), options)).toBe('done');
    expect(await weightsOf('second')).toEqual(before);
    for (const name of ['result.json', 'checkpoints', 'network'])
      rmSync(at(`second/${name}`), { recursive: true, force: true });
    const weights = at('first/network/weights.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(weights, bytes);
    await expect(resumeRun(await readRun(at('second')), at('second'), options)).rejects.toThrow(
      'it is another file than before',
    );
  });
});

it('says where an experiment is wrong about it', async () => {
  const wrong = async (line: string) =>
    loadExperiment(write('faulty.yaml', line)).then(
      () => undefined,
      (error: Error) => error.message.replaceAll(folder, '…'),
    );
  expect(
    await wrong('pretrained: [{ from: first, into: trunk }, { from: first, into: [stem/shapes, trunk] }]'),
  ).toContain('…/faulty.yaml, line 5: pretrained must be a list that names each part once');
  expect(await wrong('pretrained: [{ from: first, into: trunk, map: brt }]')).toContain(
    'pretrained.0.map must be one of "bert", "vit", or a section with a tensor for each weight, received "brt"',
  );
  expect(await wrong('pretrained: [{ from: first, into: trunk, sha256: abc }]')).toContain(
    'pretrained.0.sha256 must be the 64 digits of a sha256',
  );
  expect(await wrong('pretrained: [{ form: first, into: trunk }]')).toContain('Did you mean "from"?');
});

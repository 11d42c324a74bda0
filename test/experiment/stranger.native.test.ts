// A stranger's package brings a kind of every family, and an experiment names them all.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectable, from, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildLoggers,
  buildSourceTraining,
  buildTargetTraining,
  buildTrainOptions,
} from '../../src/experiment/build.ts';
import { growExperiment } from '../../src/experiment/grow.ts';
import { type LoadedExperiment, loadExperiment } from '../../src/experiment/load.ts';
import { loadPluginsOf } from '../../src/experiment/plugins/load.ts';
import type { TransferData } from '../../src/experiment/schema.ts';
import { evaluate, logTraining, Network, resume, type TrainingEvent, train } from '../../src/index.ts';
import { experimentOf, planComparison } from '../../src/study/compare/plan.ts';
import { buildNetwork, openSession, type Session } from '../../src/study/run/session.ts';
import { settingsOf } from '../../src/study/run/settings.ts';
import { root, temporaryFolder } from '../repository.ts';

const STRANGER = join(root, 'test/experiment/stranger');
const place = temporaryFolder();
const inputs = [
  [0.5, -1, 1],
  [0, 2, 1],
];

let session: Session;
let network: Network;
beforeAll(async () => {
  session = await openSession(await loadExperiment(join(STRANGER, 'experiment.yaml')));
  network = await buildNetwork(session);
});
afterAll(() => network.dispose());

const optionsFor = (folder: string) => buildTrainOptions(session.loaded.experiment, folder, session.found.container);
const trainAll = (events: ReturnType<typeof train>): Promise<TrainingEvent[]> => lastValueFrom(events.pipe(toArray()));

describe("an experiment that names a stranger's kinds", () => {
  it('trains by them', async () => {
    const { optimizer, schedule } = optionsFor('');
    expect([optimizer!.kind, schedule!.kind, schedule!.factor(10, 40)]).toEqual(['sign-sgd', 'linear-decay', 0.75]);
    const before = await evaluate(network);
    const events = await trainAll(train(network, optionsFor(join(place, 'whole'))));
    const after = await evaluate(network);
    expect(events.at(-1)).toMatchObject({ kind: 'end', step: 40 });
    for (const task of ['sum', 'difference']) expect(after[task]!.rmse).toBeLessThan(0.6 * before[task]!.rmse!);
    expect(network.columns[0]).toMatchObject({ kind: 'gated', sharing: 'ensemble', width: 8, depth: 2 });
    // Of the balancing method: more for the task with more loss, and in all as much as there are tasks.
    for (const event of events) {
      if (event.kind !== 'step') continue;
      const { losses, balance } = event;
      const [sum, difference] = [balance!.weights.sum!, balance!.weights.difference!];
      expect(sum + difference).toBeCloseTo(2, 5);
      expect(sum > difference).toBe(losses.sum! > losses.difference!);
    }
  });

  it('is written down by its logger', async () => {
    const { experiment } = session.loaded;
    const seen = await trainAll(train(network, { steps: 7, batch: 8 }));
    const events = connectable(from(seen.slice(0, 8)));
    const logs = logTraining(events, network, {
      loggers: buildLoggers(experiment, session.found.container),
      folder: place,
      settings: settingsOf(experiment),
    });
    events.connect();
    await logs.close();
    expect(readFileSync(join(place, 'end.txt'), 'utf8')).toBe('7 of 40');
  });

  it('measures by its metrics beside those of the head', async () => {
    const { sum, difference } = await evaluate(network);
    expect(Object.keys(sum!).sort()).toEqual(['bias', 'loss', 'mean-absolute-error', 'rmse']);
    expect(Object.keys(difference!).sort()).toEqual(['loss', 'rmse']);
    expect(Math.abs(sum!.bias!)).toBeLessThanOrEqual(sum!['mean-absolute-error']!);
  });

  it('resumes to the same bytes', async () => {
    const folder = join(place, 'broken');
    const [first, second] = [await buildNetwork(session), await buildNetwork(session)];
    const stop = new AbortController();
    const options = optionsFor(folder);
    await new Promise<void>((done, fail) =>
      train(first, { ...options, signal: stop.signal }).subscribe({
        next: (event) => event.kind === 'step' && event.step === 25 && stop.abort(),
        error: fail,
        complete: done,
      }),
    );
    const events = await trainAll(resume(second, folder, options));
    expect(events[0]).toMatchObject({ kind: 'start', step: 25 });
    for (const name of ['weights.safetensors', 'optimizer.safetensors', 'manifest.json']) {
      const [whole, broken] = ['whole', 'broken'].map((run) => readFileSync(join(place, run, 'step-00000040', name)));
      expect(whole!.equals(broken!), name).toBe(true);
    }
    for (const each of [first, second]) each.dispose();
  });

  it('is saved, and loaded by its plugin alone', async () => {
    const saved = join(place, 'network');
    await network.save(saved);
    const loaded: Network = await Network.load(saved, { plugins: session.plugins });
    expect(loaded.columns[0]).toMatchObject({ kind: 'gated', sharing: 'ensemble' });
    expect(await loaded.predict('sum', inputs)).toEqual(await network.predict('sum', inputs));
    loaded.dispose();
  });
});

describe("a stranger's balancing method", () => {
  /** The experiment with options of the method in place of its own. */
  const loadWith = (options: object): Promise<LoadedExperiment> =>
    loadExperiment(join(STRANGER, 'experiment.yaml'), { 'training.balance.options': options });
  const byTask = { temperature: 2, matter: { sum: 1, difference: 3 } };

  it('is compared with others by its name, with the options that the experiment gives it', async () => {
    const { experiment } = await loadWith(byTask);
    const request = { methods: ['equal', 'largest-loss'], sharing: ['hard', 'ensemble'], seeds: 1 };
    const { candidates, runs } = planComparison(experiment, request, session.found.container);
    expect(candidates.map(({ name }) => name)).toEqual([
      'hard equal',
      'hard largest-loss',
      'ensemble equal',
      'ensemble largest-loss',
    ]);
    const { training, trunk } = experimentOf(experiment, runs.at(-1)!);
    expect(training.balance).toEqual({ method: 'largest-loss', options: byTask });
    expect(trunk).toMatchObject({ kind: 'gated', sharing: { kind: 'ensemble', members: 3 } });
    // Its options name no task that is trained alone.
    expect(experimentOf(experiment, runs[0]!).training).not.toHaveProperty('balance');
    expect(() => planComparison(experiment, { methods: ['largest-los'], seeds: 1 }, session.found.container)).toThrow(
      'received "largest-los". Did you mean "largest-loss"?',
    );
  });

  it('trains a column of other tasks without what it says of the old ones by their names', async () => {
    const grown = growExperiment(await loadWith(byTask), 'runs/n', { tasks: ['product'] });
    expect(grown.experiment.training.balance).toEqual({ method: 'largest-loss', options: { temperature: 2 } });
  });

  it('trains the sources and targets of a transfer by what it says of them', async () => {
    const { container } = session.found;
    const { experiment } = await loadWith(byTask);
    const optionsOf = (names: readonly string[]) =>
      (buildSourceTraining(experiment, names, 1, container).balance as { options: object }).options;
    expect(optionsOf(['difference'])).toEqual({ temperature: 2, matter: { difference: 3 } });
    const { training } = experiment;
    const data = { training, points: 4 } as unknown as TransferData;
    expect(buildTargetTraining(data, 'sum', 1, container).balance).toMatchObject({ options: { matter: { sum: 1 } } });
  });

  it('is told of a name that no task has', async () => {
    const loaded = await loadWith({ matter: { sum: 1, product: 1 } });
    await expect(loadPluginsOf(loaded)).rejects.toThrow('training.balance.options.matter.product is no task');
  });
});

describe('what is wrong with an experiment of a stranger', () => {
  /** The experiment with something replaced, beside the stranger's package. */
  async function changed(before: string, after: string): Promise<LoadedExperiment> {
    cpSync(STRANGER, join(place, 'stranger'), { recursive: true });
    const text = readFileSync(join(STRANGER, 'experiment.yaml'), 'utf8');
    expect(text).toContain(before);
    writeFileSync(
      join(place, 'stranger/experiment.yaml'),
      text.replace(before, after).replace('./index.ts', join(STRANGER, 'index.ts')),
    );
    return loadExperiment(join(place, 'stranger/experiment.yaml'));
  }
  const problem = async (before: string, after: string): Promise<string> => {
    const error = await changed(before, after)
      .then(loadPluginsOf)
      .then(
        () => new Error('no error'),
        (reason: Error) => reason,
      );
    return error.message.replaceAll(join(place, 'stranger/experiment.yaml'), 'FILE');
  };

  it.each([
    [
      'kind: gated',
      'kind: gatde',
      /^FILE, line 3: trunk\.kind must be one of .*"gated", received "gatde"\. Did you mean "gated"\?$/,
    ],
    [
      'width: 8',
      'width: 0',
      'FILE, line 3: trunk.width must be a whole number >= 1, received 0. Raise it to 1 or more.',
    ],
    [
      'members: 3',
      'member: 3',
      'FILE, line 3: trunk.sharing.member is no option of ensemble. Expected one of: kind, members. Did you mean "members"?',
    ],
    [
      'kind: sign-sgd',
      'kind: sign-sdg',
      /^FILE, line 10: training\.optimizer\.kind must be one of .*"sign-sgd", received "sign-sdg"\. Did you mean "sign-sgd"\?$/,
    ],
    [
      'learningRate: 0.01',
      'learningRate: fast',
      /^FILE, line 10: training\.optimizer\.learningRate must be .*received "fast"\. /,
    ],
    [
      'schedule: linear-decay',
      'schedule: linear-dekay',
      /^FILE, line 11: training\.schedule\.kind must be one of .*"linear-decay", received "linear-dekay"\. Did you mean "linear-decay"\?$/,
    ],
    [
      'largest-loss',
      'larges-loss',
      /^FILE, line 12: training\.balance\.method must be one of .*"largest-loss", received "larges-loss"\. Did you mean "largest-loss"\?$/,
    ],
    [
      'bias,',
      'bais,',
      /^FILE, line 5: tasks\.sum\.metrics\.0\.kind must be one of .*"bias", received "bais"\. Did you mean "bias"\?$/,
    ],
    [
      'bias,',
      'bias, bias,',
      'FILE, line 5: tasks.sum.metrics must be a list that names none of the metrics twice, received ["bias","bias","mean-absolute-error"]. Remove what is there twice.',
    ],
  ])('%s → %s', async (before, after, message) => {
    expect(await problem(before, after)).toMatch(message);
  });

  it('is told before the plugin is imported, where it needs no plugin', async () => {
    await expect(changed('batch: 16', 'batch: 0')).rejects.toThrow(/line 9: training\.batch must be/);
  });

  it('is a kind whose plugin is left out', async () => {
    const loaded = await changed('seed: 3', 'seed: 4');
    await expect(loadPluginsOf({ ...loaded, withoutPlugins: true })).rejects.toThrow(
      /trunk\.kind must be one of "conv", .*"transformer", received "gated"[\s\S]*leave --no-plugins out once you trust it\.$/,
    );
  });

  it('is a metric that its head has already', async () => {
    const loaded = await changed('bias,', 'rmse,');
    const opened = await openSession(loaded);
    await expect(buildNetwork(opened)).rejects.toThrow(
      'Task "sum": two of its metrics are named "rmse", expected each name once: its head has rmse. Leave it out of the task\'s `metrics`.',
    );
  });
});

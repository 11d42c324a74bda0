import { connectable, lastValueFrom, NEVER, type Observable, of, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { actorCritic, observationStem, rollouts } from '../../heads/control/index.ts';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  gallery,
  multiModelTrunk,
  type Network,
  routing,
  type TrainingEvent,
  train,
  watch,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { Catch } from '../../tasks/catch/game.ts';
import { notes, shapes } from '../../tasks/index.ts';
import { numbersTask } from '../fixtures.ts';
import { reversing, sorting } from '../network/writers.ts';
import { listen } from './listening.ts';

const { actions, observationShape } = new Catch();
const game = (): AnyTask =>
  defineTask({
    name: 'catch',
    stem: observationStem({ shape: observationShape }),
    head: actorCritic({ actions }),
    source: rollouts({
      environment: () => new Catch(),
      task: 'catch',
      environments: 4,
      steps: 4,
      episodes: { validation: 2, test: 2 },
    }),
  });
const build = (...tasks: AnyTask[]): Promise<Network> =>
  createNetwork({ trunk: denseTrunk({ width: 16, depth: 1 }), tasks, seed: 1 });
const weights = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => Float32Array.from(tensor.dataSync()));
const withoutTimes = (events: readonly TrainingEvent[]) => events.map((event) => ({ ...event, milliseconds: 0 }));
const options = { steps: 24, batch: 8, seed: 2, evaluateEvery: 12, evaluateExamples: 8 };

/** What a training comes to that nobody looks at, and what is left of its sources. */
async function unwatched(make: () => AnyTask[]) {
  const tasks = make();
  const network = await build(...tasks);
  const events = await lastValueFrom(train(network, options).pipe(toArray()));
  const end = { events: withoutTimes(events), weights: weights(network), state: tasks[0]!.source.state?.() };
  network.dispose();
  return end;
}

describe('looking at a network', () => {
  const make = () => [game(), shapes, numbersTask('numbers')];

  it('shows held-out examples with predictions, and a game as a film', async () => {
    const network = await build(...make());
    const shown = await gallery(network, { examples: 3 });
    expect(shown.map(({ task }) => task)).toEqual(['catch', 'shapes', 'shapes', 'shapes']);
    const [played, picture] = shown;
    expect(played!.words).toMatch(/^return -?1 in 7 steps$/);
    expect(played!.display[0]).toMatchObject({ kind: 'film', width: 5, height: 8 });
    expect(picture!.display[0]).toMatchObject({ kind: 'picture', width: 28, height: 28 });
    expect(picture!.right).toBe(picture!.predicted === picture!.expected);
    // The same again, others in another round.
    expect(await gallery(network, { examples: 3 })).toEqual(shown);
    expect(await gallery(network, { examples: 3, round: 1 })).not.toEqual(shown);
    await expect(gallery(network, { tasks: ['other'] })).rejects.toThrow(/other/);
    network.dispose();
  });

  it('again and again while it trains leaves every bit of the training as it is', async () => {
    const reference = await unwatched(make);
    const tasks = make();
    const network = await build(...tasks);
    let looks = 0;
    let training = true;
    const looking = async () => {
      for (; training; looks++) await gallery(network, { round: looks });
    };
    const ended = lastValueFrom(train(network, options).pipe(toArray()));
    const looked = looking();
    const events = await ended;
    training = false;
    await looked;
    // Between two updates, so about as often as there are updates.
    expect(looks).toBeGreaterThan(15);
    expect(withoutTimes(events)).toEqual(reference.events);
    expect(weights(network)).toEqual(reference.weights);
    expect(tasks[0]!.source.state?.()).toEqual(reference.state);
    network.dispose();
  });
});

describe('watch', () => {
  it('shows a training to whoever comes, and leaves every bit of it as it is', async () => {
    const make = () => [game(), notes, numbersTask('numbers')];
    const reference = await unwatched(make);
    const network = await build(...make());
    const told = connectable(train(network, options));
    const page = await watch(told, network, { title: 'three tasks' });
    expect(await (await fetch(page.url)).text()).toContain('<main id="tasks">');
    const heard = await listen(page.url);
    const events = lastValueFrom(told.pipe(toArray()));
    told.connect();
    expect(withoutTimes(await events)).toEqual(reference.events);
    await page.close();
    expect(weights(network)).toEqual(reference.weights);
    const report = await page.report();
    expect(report).toContain('<title>three tasks</title>');
    expect(report).toContain('"status":"done"');
    expect(report).toContain('"kind":"film"');
    network.dispose();

    const messages = await heard.messages;
    expect(messages[0]!.name).toBe('beginning');
    expect(messages[0]!.data.log).toMatchObject({ title: 'three tasks', status: 'waiting' });
    expect(messages.at(-1)!.name).toBe('over');
    const steps = messages
      .flatMap(({ name, data }) => (name === 'progress' ? data : []))
      .filter((one) => one.kind === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(Object.keys(steps[0])).toEqual(['kind', 'step', 'steps', 'losses', 'labelled', 'milliseconds']);
    // The last look is at the trained network.
    const galleries = messages.filter(({ name }) => name === 'gallery').map(({ data }) => data);
    expect(galleries.slice(-3).map(({ task, step }) => [task, step])).toEqual([
      ['catch', 24],
      ['notes', 24],
      ['numbers', 24],
    ]);
    const [film, sound, nothing] = galleries.slice(-3).map(({ shown }) => shown);
    expect(film[0].parts[0].captions[0]).toMatch(/^return 0, then (left|stay|right)$/);
    expect(sound).toHaveLength(4);
    expect(sound[0].parts.map(({ kind }: { kind: string }) => kind)).toEqual(['sound', 'picture']);
    expect(nothing).toEqual([]);
  });

  it('shows which experts serve which task, and leaves every bit of the training as it is', async () => {
    const trunk = multiModelTrunk({ width: 16, encoder: 1, mixer: 1, decoder: 1, experts: 4, k: 2, heads: 2 });
    const make = (): Promise<Network> => createNetwork({ trunk, tasks: [reversing, sorting] as AnyTask[], seed: 1 });
    const [alone, network] = [await make(), await make()];
    const few = { steps: 6, batch: 8, seed: 2 };
    const reference = withoutTimes(await lastValueFrom(train(alone, few).pipe(toArray())));
    const told = connectable(train(network, few));
    const page = await watch(told, network);
    const heard = await listen(page.url);
    const events = lastValueFrom(told.pipe(toArray()));
    told.connect();
    expect(withoutTimes(await events)).toEqual(reference);
    await page.close();
    expect(weights(network)).toEqual(weights(alone));
    const routes = (await heard.messages).filter(({ name }) => name === 'routes').map(({ data }) => data);
    const rounded = (await routing(network)).map(({ block, shares }) => ({
      block,
      shares: Object.fromEntries(
        Object.entries(shares).map(([task, all]) => [task, all.map((one) => Number(one.toFixed(4)))]),
      ),
    }));
    expect(rounded).toHaveLength(2);
    expect(routes.at(-1)).toEqual({ step: 6, blocks: rounded });
    expect(await page.report()).toContain(`"routes":${JSON.stringify(routes.at(-1))}`);
    for (const each of [alone, network]) each.dispose();
  });

  it('says why there is nothing to see, and goes on', async () => {
    const broken = { ...game() };
    Object.assign(broken, {
      source: { ...broken.source, demonstrate: async () => Promise.reject(new Error('no film')) },
    });
    const network = await build(broken);
    const page = await watch(NEVER, network);
    const [, gallery] = await (await listen(page.url, (messages) => messages.length === 2)).messages;
    const problem =
      'The source of task "catch": demonstrate() threw Error: no film. Expected a demonstration. Correct it: the error\'s cause says where it happened.';
    expect(gallery).toEqual({ name: 'gallery', data: { task: 'catch', step: 0, shown: [], problem } });
    await page.close();
    network.dispose();
  });

  it('tells of a failure, and ends', async () => {
    const network = await build(numbersTask('numbers'));
    const failing = connectable(throwError(() => new Error('diverged')));
    const page = await watch(failing as Observable<never>, network);
    const heard = await listen(page.url);
    failing.connect();
    await page.close();
    const told = (await heard.messages).flatMap(({ name, data }) => (name === 'progress' ? data : []));
    expect(told).toEqual([{ kind: 'failed', message: 'diverged' }]);
    network.dispose();
  });

  it('can be closed at any time, and again, and with nobody there', async () => {
    const network = await build(numbersTask('numbers'));
    const page = await watch(of<TrainingEvent>({ kind: 'start', step: 0, steps: 9, tasks: ['numbers'] }), network);
    await Promise.all([page.close(), page.close()]);
    await expect(fetch(page.url)).rejects.toThrow();
    network.dispose();
  });
});

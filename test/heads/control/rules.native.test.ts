import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  ActionChoice,
  type Lesson,
  objectStem,
  objectView,
  playByTables,
  qValues,
  type Reason,
  RelationTables,
  type RelationTablesOptions,
  type RelationUpdate,
  type RulesOutput,
  type Ruling,
  relationalReplay,
  relationsOf,
  replay,
  rules,
} from 'banyan-ml/heads/control';
import { runEnvironmentContract, runHeadContract, runStemContract } from 'banyan-ml/testing';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { examplesOf } from '../../../heads/control/symbols/goals.ts';
import { packLessons, unpackLesson } from '../../../heads/control/symbols/packing.ts';
import {
  type AnyTask,
  adam,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Network,
  resume,
  type SampleOf,
  type SeenObject,
  type Source,
  sgd,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { Gathering } from '../../../tasks/gathering/game.ts';
import { numbersTask } from '../../fixtures.ts';
import { golden } from '../../golden.ts';
import { type Drawn, Tape } from '../../tape.ts';

const { actions, objectTypes: types } = new Gathering();
const stem = objectStem({ types: 3, reach: 8, most: 17 });
const head = rules({ actions, types, reach: 8 });
const build = (...tasks: AnyTask[]): Promise<Network> =>
  createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks, seed: 1 });
const weights = (network: Network) =>
  Object.fromEntries(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, Float32Array.from(tensor.dataSync())]),
  );
const object = (type: number, row: number, column: number): SeenObject => ({ type, row, column });
const lists = [
  [object(0, 4, 4), object(1, 3, 4), object(2, 4, 6)],
  [object(0, 0, 0)],
  [object(0, 8, 2), object(2, 0, 0), object(1, 8, 8), object(1, 7, 1)],
];

describe('objectStem', () => {
  it('keeps the contract of stems', async () => {
    await runStemContract(objectStem({ types: 3, reach: 4, most: 4 }), { examples: lists });
  });

  it('refuses lists that do not fit', async () => {
    const network = await build(
      defineTask({ name: 'game', stem: objectStem({ types: 2, reach: 4, most: 3 }), head, source: played([]) }),
    );
    const refused = (list: readonly SeenObject[]) => expect(network.predict('game', [list])).rejects;
    await refused([]).toThrow('Task "game": input 0: expected 1 to 3 objects, first the one that acts, received 0.');
    await refused(lists[2]!).toThrow(
      'Task "game": input 0: expected 1 to 3 objects, first the one that acts, received 4. Set the stem\'s `most` to the most that there can be.',
    );
    await refused(lists[0]!).toThrow(
      'Task "game": input 0: expected objects of a type from 0 to 1 with whole rows and columns, received {"type":2,"row":4,"column":6}. Set the stem\'s `types` to how many there are, or round the places.',
    );
    await refused([object(0, 1, 1), object(1, 0.5, 1)]).toThrow('received {"type":1,"row":0.5,"column":1}');
    network.dispose();
    expect(() => objectStem({ types: 2, reach: 4, most: 0 })).toThrow('objectStem: most must be a whole number >= 1');
  });

  it('lets double Q-learning with a transformer learn from objects', async () => {
    const environment = objectView(() => new Gathering({ layout: 'grid' }), 17);
    await runEnvironmentContract(environment);
    const source = replay({ environment, task: 'game', warmUp: 100, decay: 100, refresh: 10, gamma: 0.9, seed: 1 });
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 8, depth: 1, heads: 2 }),
      tasks: [defineTask({ name: 'game', stem, head: qValues({ actions }), source })],
      seed: 1,
    });
    const events = await lastValueFrom(
      train(network, { steps: 60, batch: 32, optimizer: adam({ learningRate: 0.01 }), seed: 1 }).pipe(toArray()),
    );
    const losses = events.flatMap((event) => (event.kind === 'step' ? [event.losses.game!] : []));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)) / 2);
    const [listed] = await network.predict('game', [new Gathering().objects()]);
    const numbers = new Float32Array(51);
    numbers.set([1, 0, 0]);
    const [observed] = await network.predict('game', [numbers]);
    expect(observed).toEqual(listed);
    await expect(network.predict('game', [new Float32Array(3)])).rejects.toThrow(
      'expected 51 numbers of objects, received 3. Give objectView and objectStem the same `most`.',
    );
    network.dispose();
    const small = objectView(() => new Gathering(), 5)();
    small.reset(new RandomStream(0, 'small'));
    expect(() => small.observe(new Float32Array(15))).toThrow('objectView: expected at most 5 objects, received 17.');
  });
});

describe('rules', () => {
  it('keeps the contract of heads', async () => {
    const targets = Array.from({ length: 8 }, (_, i) => ({ action: i % 3, goals: [undefined, i / 4 - 1, 0.5] }));
    const all = [...targets, { return: 2, length: 5, entropy: 0, rewarded: 3, punished: 1 }];
    const features = { objects: [3, 3] };
    await runHeadContract(rules({ actions: ['a', 'b', 'c'], types: ['x', 'y'], reach: 3 }), { targets: all, features });
    await runHeadContract(rules({ actions: ['a', 'b', 'c'], types: ['x'], reach: 2, power: 1 }), {
      targets: all,
      features,
    });
  });

  it('scores as the tables do, whatever the order of the objects, and says which object said what', async () => {
    const tables = trainedTables();
    const network = await build(defineTask({ name: 'game', stem, head, source: played([]) }));
    setTable(network, tables);
    const game = new Gathering();
    game.reset(new RandomStream(4, 'scores'));
    const objects = game.objects();
    const [agent, ...others] = objects;
    const [ruling, turned] = await network.predict('game', [objects, [agent!, ...others.reverse()]]);
    const expected = tables.scores(relationsOf(objects));
    for (const [action, score] of expected.entries()) {
      expect(ruling!.scores[action]).toBeCloseTo(score, 5);
      expect(turned!.scores[action]).toBeCloseTo(score, 5);
      const sum = ruling!.reasons.reduce((total: number, { shares }: Reason) => total + shares[action]!, 0);
      expect(sum).toBeCloseTo(score, 5);
    }
    expect(ruling!.name).toBe(actions[ruling!.action]);
    const first = ruling!.reasons[0]!;
    expect(first.name).toBe(types[first.type]);
    for (const { shares } of ruling!.reasons)
      expect(Math.abs(shares[ruling!.action]!)).toBeLessThanOrEqual(Math.abs(first.shares[ruling!.action]!));
    network.dispose();
  });

  it('refuses targets that do not fit, and a stem that is none of objects', async () => {
    const task = defineTask({ name: 'game', stem, head, source: played([{ action: 4, goals: [] }]) });
    const network = await build(task);
    await expect(lastValueFrom(train(network, { steps: 1, batch: 1 }))).rejects.toThrow(
      'Task "game": training example 0: expected an action from 0 to 3 with at most 17 finite goals, received {"action":4,"goals":[]}. Correct the source, or the head\'s "actions".',
    );
    network.dispose();
    await expect(build({ ...numbersTask('numbers'), head } as AnyTask)).rejects.toThrow(
      'Task "numbers": rules expected a stem of a fixed number of objects, received one without. Give the task an objectStem.',
    );
    expect(() => rules({ actions, types: [], reach: 1 })).toThrow('rules: types must be a whole number >= 1');
  });
});

/** A source of these lessons alone. */
function played(targets: readonly { readonly action: number; readonly goals: readonly number[] }[]) {
  return {
    counts: { training: 1, validation: 0, test: 0 },
    read: (_: string, indices: readonly number[]) => indices.map(() => ({ input: lists[0]!, target: targets[0] })),
  } as unknown as ReturnType<typeof relationalReplay>;
}

function trainedTables(): RelationTables {
  const tables = new RelationTables({ actions: 4, reach: 8 });
  const random = new RandomStream(1, 'training');
  const choice = new ActionChoice({ exploration: 1 });
  for (let i = 0; i < 5; i++) playByTables(new Gathering(), { tables, choice, learn: true }, random);
  return tables;
}

const tableOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .find(({ name }) => name === 'head/game/values')!.tensor;

function setTable(network: Network, tables: RelationTables): void {
  const values = new Float32Array(3 * 17 * 17 * 4);
  for (const { type, down, right, values: row } of tables.rows())
    values.set(row, (type * 289 + (down + 8) * 17 + right + 8) * 4);
  tf.tidy(() => tableOf(network).assign(tf.tensor(values, [3, 17, 17, 4])));
}

interface Training {
  readonly name: string;
  readonly options: Omit<RelationTablesOptions, 'actions'>;
  readonly policy: { readonly epsilon: number; readonly impatience: number };
  readonly episodes: readonly { readonly draws: readonly Drawn[] }[];
  readonly rows: readonly (readonly number[])[];
}

/** Tables that remember what they learned from. */
class Recorder extends RelationTables {
  readonly lessons: Lesson[] = [];

  override learn(lesson: Lesson): readonly RelationUpdate[] {
    this.lessons.push(lesson);
    return super.learn(lesson);
  }
}

describe('plain gradient descent, one sample after the other,', () => {
  const { trainings } = golden<{ trainings: readonly Training[] }>('relations');

  it.each(trainings)('is the update of the tables: $name', async ({ options, policy, episodes, rows }) => {
    const tables = new Recorder({ actions: 4, ...options });
    const choice = new ActionChoice({ exploration: policy.epsilon, impatience: policy.impatience });
    for (const { draws } of episodes)
      playByTables(new Gathering(), { tables, choice, learn: true }, new Tape(draws).stream);
    const { lessons } = tables;
    const { gamma, credit, power } = options as Required<typeof options>;
    const source: Source<readonly SeenObject[], { action: number; goals: readonly (number | undefined)[] }> = {
      counts: { training: Number.POSITIVE_INFINITY, validation: 0, test: 0 },
      lockStep: true,
      read: (_, [index], context) => examplesOf([lessons[index!]!], { task: 'game', gamma, credit }, context),
    };
    const task = defineTask({ name: 'game', stem, head: rules({ actions, types, reach: 8, power }), source });
    const network = await build(task as AnyTask);
    const optimizer = sgd({ learningRate: options.alpha! });
    const steps = lessons.length;
    await lastValueFrom(train(network, { steps, batch: 1, optimizer, schedule: constantSchedule(), clip: Infinity }));
    const values = tableOf(network).dataSync();
    let compared = 0;
    for (const [type, down, right, ...expected] of rows) {
      const at = (type! * 289 + (down! + 8) * 17 + right! + 8) * 4;
      for (const [action, value] of expected.entries()) {
        expect(Math.abs(values[at + action]! - value)).toBeLessThan(1e-6);
        if (value !== 0) compared++;
      }
    }
    expect(values.filter((value) => value !== 0).length).toBe(compared);
    expect(lessons.length).toBe(500);
    network.dispose();
  });
});

const taught = (options: Partial<Parameters<typeof relationalReplay>[0]> = {}): AnyTask =>
  defineTask({
    name: 'game',
    stem,
    head,
    source: relationalReplay({
      environment: () => new Gathering(),
      task: 'game',
      capacity: 800,
      warmUp: 100,
      episodes: { validation: 2, test: 40 },
      seed: 1,
      ...options,
    }),
  });

describe('relationalReplay', () => {
  it('keeps lessons as numbers', () => {
    const tables = new Recorder({ actions: 4, reach: 8 });
    playByTables(new Gathering(), { tables, choice: new ActionChoice(), learn: true }, new RandomStream(1, 'pack'));
    const lessons = tables.lessons.slice(0, 9);
    const packed = packLessons(lessons);
    expect(lessons.map((_, i) => unpackLesson(packed, i))).toEqual(lessons);
    expect(lessons.some(({ gone }) => gone.length > 0)).toBe(true);
  });

  it.each(['random', 'grid'] as const)(
    'teaches rules of the layout %s that collect all crosses in random places',
    async (layout) => {
      const before = tf.memory().numTensors;
      const task = taught({ environment: () => new Gathering({ layout }), capacity: 20_000, warmUp: 500 });
      const network = await build(task);
      await lastValueFrom(train(network, { steps: 1000, batch: 64, seed: 1 }));
      const other = await build(taught());
      const table = tableOf(network).dataSync();
      tf.tidy(() => tableOf(other).assign(tf.tensor(table, [3, 17, 17, 4])));
      const { rewarded, punished, length } = (await evaluate(other)).game!;
      expect(length).toBe(100);
      expect(rewarded).toBeGreaterThanOrEqual(7.8);
      expect(punished).toBeLessThanOrEqual(0.05);
      network.dispose();
      other.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('goes on from a checkpoint to the same bits, evaluated in between or not, beside another task', async () => {
    const place = mkdtempSync(join(tmpdir(), 'banyan-rules-'));
    const options: TrainOptions = { steps: 45, batch: 16, seed: 1 };
    const network = () => build(taught({ exploration: 0.5 }), numbersTask('numbers'));
    const run = async (folder: string, more: Partial<TrainOptions> = {}) => {
      const trained = await network();
      const checkpoint = { every: 7, folder: join(place, folder) };
      await lastValueFrom(train(trained, { ...options, checkpoint, ...more }));
      return trained;
    };
    const whole = await run('whole');
    (await run('cut', { evaluateEvery: 5, stop: ({ step }) => step === 32 })).dispose();
    const again = await network();
    const checkpoint = { every: 7, folder: join(place, 'cut') };
    await lastValueFrom(resume(again, checkpoint.folder, { ...options, checkpoint }));
    expect(weights(again)).toEqual(weights(whole));
    whole.dispose();
    again.dispose();
  });

  it('trains as a column beside a frozen one, and its gradient does not reach a trunk', async () => {
    const network = await build(numbersTask('numbers'));
    await network.addColumn({ tasks: [taught()], trunk: denseTrunk({ width: 8, depth: 1 }), laterals: 'none' });
    const before = weights(network);
    await lastValueFrom(train(network, { steps: 20, batch: 16, seed: 1, optimizer: sgd({ learningRate: 0.5 }) }));
    const changed = Object.entries(weights(network)).flatMap(([name, values]) =>
      values.every((value, i) => value === before[name]![i]) ? [] : [name],
    );
    expect(changed.sort()).toEqual(['head/game/seen', 'head/game/values']);
    network.dispose();
  });

  it('shows a game with what spoke for each step', async () => {
    const network = await build(taught());
    setTable(network, trainedTables());
    const { source } = taught();
    const context = { step: 0, seed: 0, signal: new AbortController().signal, snapshot: async () => {} };
    const predict = async (_: string, inputs: readonly unknown[]) =>
      (await network.predict('game', inputs as SeenObject[][])).map((ruling): SampleOf<RulesOutput> => {
        const { scores, reasons }: Ruling = ruling as Ruling;
        const shares = reasons.flatMap(({ shares }) => [...shares]);
        const objects = reasons.flatMap(({ type, down, right }) => [type + 1, down, right]);
        return {
          ...{ scores, shares: Float32Array.from(shares), values: new Float32Array(shares.length) },
          objects: Float32Array.from(objects),
        };
      });
    const { display } = await source.demonstrate!(0, { ...context, predict });
    const [film] = display;
    if (film?.kind !== 'film') throw new Error('not a film');
    expect(film.captions![0]).toMatch(/^return 0, then (up|right|down|left): (cross|circle) .* [+-]\d\.\d\d/);
    // The words over a picture are about what its marks show.
    const moves = film.captions!.slice(0, -1).map((caption) => /then (\w+)/.exec(caption)![1]);
    expect(moves).toEqual(film.marks!.slice(0, -1).map(([agent]) => agent!.label));
    // Where all crosses are taken, nothing speaks for a move.
    expect(film.captions!.filter((caption) => /^return 8, then (up|right|down|left)$/.test(caption))).not.toEqual([]);
    expect(film.captions!.filter((caption) => caption.endsWith(': '))).toEqual([]);
    network.dispose();
  });

  it('tells of options that are none, and of another head', async () => {
    expect(() => taught({ warmUp: 900 })).toThrow(
      'relationalReplay: capacity must hold the warm-up of 900 steps of 8 environments, received 800. Enlarge it.',
    );
    expect(() => taught({ exploration: 2 })).toThrow('relationalReplay: exploration must be a number from 0 to 1');
    const saved = taught().source.state!() as { madeWith: object };
    expect(() => taught().source.restore!({ ...saved, madeWith: { ...saved.madeWith, gamma: 0.5 } } as never)).toThrow(
      'The source of task "game" was made with',
    );
  });
});

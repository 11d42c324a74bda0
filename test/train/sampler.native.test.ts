// Steps in which not all tasks take part.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  type AnyTask,
  adam,
  createNetwork,
  denseTrunk,
  type Network,
  resume,
  type Source,
  type StepEvent,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import type { KindData } from '../../src/kind/index.ts';
import { type AnyNetwork, internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { roundRobin, type Sampler, samplerKinds, validation } from '../../src/sample/index.ts';
import { trainingState } from '../../src/train/state/training-state.ts';
import { MAX_PLANS } from '../../src/train/step/plans.ts';
import { numbersTask } from '../fixtures.ts';
import { inTurn } from '../in-turn.ts';
import { temporaryFolder } from '../repository.ts';
import { apart, plain, together } from './tasks.ts';

const { compiled } = await startRuntime();
const place = temporaryFolder();
const trunk = denseTrunk({ width: 8, depth: 2 });
const build = (tasks: readonly AnyTask[]): Promise<Network> => createNetwork({ trunk, tasks: [...tasks], seed: 4 });
const modes = compiled ? (['eager', 'graph'] as const) : (['eager'] as const);

/** Draws these sets of tasks, one after the other and again. */
const listed = (...sets: readonly (readonly string[])[]): Sampler => ({
  kind: 'listed',
  config: { kind: 'listed', sets },
  begin: ({ tasks }) => ({
    sets: sets.length,
    draw: ({ step }) => sets[(step - 1) % sets.length]!.map((name) => tasks.findIndex((task) => task.name === name)),
  }),
});

async function stepsOf(network: AnyNetwork, options: Partial<TrainOptions>): Promise<StepEvent[]> {
  const training = train(network, { steps: 6, optimizer: adam({ learningRate: 0.01 }), ...plain, ...options });
  const events = await lastValueFrom(training.pipe(toArray()));
  return events.filter((event): event is StepEvent => event.kind === 'step');
}

/** The weights and the optimiser's slots, by name. */
function numbersOf(network: AnyNetwork): ReadonlyMap<string, readonly number[]> {
  const { body } = internals(network);
  const weights = body.store.all().map(({ name, tensor }) => [name, [...tensor.dataSync()]] as const);
  const slots = [...trainingState(body, undefined).slots].flatMap(([name, variables]) =>
    Object.entries(variables).map(([slot, variable]) => [`${name}#${slot}`, [...variable.dataSync()]] as const),
  );
  return new Map([...weights, ...slots]);
}

const changed = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>) =>
  [...before.keys()].filter((name) => String(before.get(name)) !== String(after.get(name)));
const scopesOf = (names: readonly string[]) =>
  [
    ...new Set(names.map((name) => name.replace(/^(stem|head)\/([^/]+)\/.*/, '$1/$2').replace(/^column.*/, 'trunk'))),
  ].sort();

function expectClose(
  received: ReadonlyMap<string, readonly number[]>,
  expected: ReadonlyMap<string, readonly number[]>,
  tolerance: number,
): void {
  for (const [name, values] of expected) {
    const distance = values.reduce((most, value, i) => Math.max(most, Math.abs(value - received.get(name)![i]!)), 0);
    expect(distance, name).toBeLessThanOrEqual(tolerance);
  }
}

const balances = [undefined, 'uncertainty', 'pcgrad', 'famo', 'gradnorm', 'graddrop', 'moco', 'modo'] as const;

describe.each(modes)('a step of some of the tasks: %s', (compile) => {
  it.each(inTurn(balances, compile, modes))('leaves the others alone, balanced by %s', async (balance) => {
    const network = await build(apart());
    const options = { compile, ...(balance === undefined ? {} : { balance }) };
    await stepsOf(network, { ...options, steps: 2 });
    const before = numbersOf(network);
    const steps = await stepsOf(network, {
      ...options,
      steps: 2,
      optimizer: undefined as never,
      sampler: listed(['a', 'c']),
    });
    const touched = scopesOf(changed(before, numbersOf(network)));
    expect(touched).toEqual(['head/a', 'head/c', 'stem/a', 'stem/c', 'trunk']);
    for (const { drawn, losses, labelled, balance: report } of steps) {
      expect(drawn).toEqual(['a', 'c']);
      expect(Object.keys(losses)).toEqual(['a', 'c']);
      expect(labelled).toEqual({ a: plain.batch, c: plain.batch });
      if (balance !== undefined) expect(Object.keys(report!.weights)).toEqual(['a', 'c']);
    }
    network.dispose();
  });

  it.each(inTurn(balances, compile, modes))(
    'is one in which the others have no label, balanced by %s',
    async (balance) => {
      const options = {
        compile,
        optimizer: sgd({ learningRate: 0.05 }),
        ...(balance === undefined ? {} : { balance }),
      };
      // b has no label in the second step.
      const source = arraySource({
        inputs: Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(i), 1, 0]),
        targets: Array.from({ length: 64 }, (_, i) => Math.sin(i)),
        validation: 0,
      }) as Source<readonly number[], number>;
      const holey: Source<readonly number[], number | undefined> = {
        ...source,
        read: async (split, indices, context) => {
          const examples = await source.read(split, indices, context);
          return split === 'training' && context.step % 2 === 1
            ? examples.map(({ input }) => ({ input, target: undefined }))
            : examples;
        },
      };
      const tasks = (b: Source<readonly number[], number | undefined>) =>
        apart().map((task) => (task.name === 'b' ? ({ ...task, source: b } as AnyTask) : task));
      const [absent, unlabelled] = [await build(tasks(source)), await build(tasks(holey))];
      await stepsOf(absent, { ...options, steps: 2, sampler: listed(['a', 'b', 'c'], ['a', 'c']) });
      await stepsOf(unlabelled, { ...options, steps: 2 });
      expectClose(numbersOf(absent), numbersOf(unlabelled), 1e-6);
      for (const network of [absent, unlabelled]) network.dispose();
    },
  );

  it('reads nothing of the others', async () => {
    const read = new Map<string, number[]>();
    const watched = apart().map((task) => {
      const source = task.source as Source<readonly number[], number>;
      const reading: typeof source.read = (split, indices, context) => {
        read.set(task.name, [...(read.get(task.name) ?? []), context.step]);
        return source.read(split, indices, context);
      };
      // Its own state keeps the check before the training from reading it.
      return { ...task, source: { ...source, read: reading, state: () => 0, restore: () => {} } } as AnyTask;
    });
    const network = await build(watched);
    await stepsOf(network, { compile, steps: 5, sampler: listed(['a'], ['a', 'b'], ['b']) });
    expect(read).toEqual(
      new Map([
        ['a', [0, 1, 3, 4]],
        ['b', [1, 2, 4]],
      ]),
    );
    expect(trainingState(internals(network).body, undefined).reading.positions).toEqual({
      a: 4 * plain.batch,
      b: 3 * plain.batch,
      c: 0,
    });
    network.dispose();
  });

  it('runs the heads that were drawn alone, where tasks share source and stem', async () => {
    const [drawn, alone] = [await build(together()), await build(together())];
    const before = numbersOf(drawn);
    const steps = await stepsOf(drawn, { compile, steps: 3, sampler: listed(['right']) });
    expect(scopesOf(changed(before, numbersOf(drawn)))).toEqual(['head/right', 'stem/left', 'trunk']);
    const expected = await stepsOf(alone, { compile, steps: 3, tasks: ['right'] });
    expect(steps.map(({ losses }) => losses)).toEqual(expected.map(({ losses }) => losses));
    for (const [name, values] of numbersOf(alone))
      if (!name.startsWith('head/left')) expect(numbersOf(drawn).get(name), name).toEqual(values);
    for (const network of [drawn, alone]) network.dispose();
  });

  it('balances those of shared activations that take part', async () => {
    const network = await build(together());
    const before = numbersOf(network);
    const sampler = listed(['left', 'right'], ['left']);
    const balance = { method: 'mgda', on: 'activations' } as const;
    const [both, one] = await stepsOf(network, { compile, steps: 2, sampler, balance });
    expect(Object.keys(both!.balance!.weights)).toEqual(['left', 'right']);
    expect(one!.balance!.weights).toEqual({ left: 1 });
    expect(scopesOf(changed(before, numbersOf(network)))).toEqual(['head/left', 'head/right', 'stem/left', 'trunk']);
    network.dispose();
  });

  it('adds up the gradients of the parts of its batch', async () => {
    const sampler = listed(['a', 'b', 'c'], ['b'], ['a', 'c']);
    const [whole, parts] = [await build(apart()), await build(apart())];
    const optimizer = sgd({ learningRate: 0.05 });
    await stepsOf(whole, { compile, sampler, optimizer });
    await stepsOf(parts, { compile, sampler, optimizer, accumulate: 2 });
    expectClose(numbersOf(parts), numbersOf(whole), 1e-5);
    for (const network of [whole, parts]) network.dispose();
  });

  it('compares the gradients of those that take part', async () => {
    const network = await build(apart());
    const [first, second] = await stepsOf(network, {
      compile,
      steps: 2,
      sampler: listed(['a', 'b', 'c'], ['a', 'c']),
      compareGradientsEvery: 1,
    });
    expect(first!.gradients!.norms.b).toBeGreaterThan(0);
    expect(second!.gradients!.norms.b).toBe(0);
    expect(second!.gradients!.norms.a).toBeGreaterThan(0);
    expect(second!.gradients!.cosines[0]![2]).not.toBe(0);
    network.dispose();
  });

  it.each([undefined, 'pcgrad'])('counts the updates of a variable by itself, balanced by %s', async (balance) => {
    const learningRate = 0.01;
    const network = await build(apart());
    const others = {
      compile,
      optimizer: adam({ learningRate, epsilon: 1e-12 }),
      ...(balance === undefined ? {} : { balance }),
    };
    const before = numbersOf(network);
    await stepsOf(network, { ...others, steps: 7, sampler: listed(...Array(6).fill(['a', 'c']), ['a', 'b']) });
    const after = numbersOf(network);
    // Adam's first update is as long as the learning rate, whatever the gradient. Counted as the seventh it would be 0.56 of that.
    const steps = after.get('head/b/kernel')!.map((value, i) => Math.abs(value - before.get('head/b/kernel')![i]!));
    for (const step of steps) expect(step).toBeCloseTo(learningRate, 4);
    const { missed, updates } = trainingState(internals(network).body, undefined);
    expect(updates).toBe(7);
    expect(Object.fromEntries(missed)).toEqual({
      'stem/b/kernel': 6,
      'head/b/kernel': 6,
      'stem/c/kernel': 1,
      'head/c/kernel': 1,
    });
    network.dispose();
  });

  it.each(inTurn([undefined, 'gradnorm', 'moco'], compile, modes))(
    'goes on to the same bits wherever it ended, balanced by %s',
    async (balance) => {
      const sampler = listed(['a', 'b', 'c'], ['b'], ['a', 'c'], ['c']);
      const optimizer = adam({ learningRate: 0.01 });
      const given = balance === undefined ? {} : { balance };
      const options = { steps: 9, optimizer, ...plain, compile, sampler, evaluateEvery: 2, ...given };
      const whole = await build(apart());
      await lastValueFrom(train(whole, options));
      for (const end of [2, 5]) {
        const checkpoint = { every: 100, folder: mkdtempSync(join(place, 'cut-')) };
        const [cut, again] = [await build(apart()), await build(apart())];
        await lastValueFrom(train(cut, { ...options, checkpoint, stop: ({ step }) => step === end }));
        await lastValueFrom(resume(again, checkpoint.folder, { ...options, checkpoint }));
        expect(numbersOf(again)).toEqual(numbersOf(whole));
        for (const network of [cut, again]) network.dispose();
      }
      whole.dispose();
    },
  );
});

describe.skipIf(!compiled)('the graphs of a training with a sampler', () => {
  it('compute what the steps do one by one', async () => {
    const sampler = listed(['a', 'b', 'c'], ['b'], ['a', 'c'], ['b'], ['c'], ['a', 'b']);
    const [eager, graph] = [await build(apart()), await build(apart())];
    await stepsOf(eager, { compile: 'eager', steps: 18, sampler });
    await stepsOf(graph, { compile: 'graph', steps: 18, sampler });
    expectClose(numbersOf(graph), numbersOf(eager), 1e-4);
    for (const network of [eager, graph]) network.dispose();
  });

  it('do not grow with the steps', async () => {
    const network = await build(apart());
    const graphs = () => internals(network).body.runner.graphs.filter(({ kind }) => kind === 'train').length;
    const sampler = listed(['a'], ['b'], ['c'], ['a', 'b'], ['b', 'c']);
    await stepsOf(network, { steps: 10, sampler });
    const before = graphs();
    await stepsOf(network, { steps: 30, sampler, optimizer: undefined as never });
    expect(graphs()).toBe(before);
    // One for each set, and one more for those that were drawn before anything had been missed.
    expect(before).toBeLessThanOrEqual(2 * 5);
    network.dispose();
  });
});

/** How each kind is asked for here; what is not in it needs nothing. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'round-robin': { tasks: 2 },
  bandit: { learningRate: 0.1 },
  proportional: { tasks: 2 },
  scheduled: {
    points: [
      { step: 1, weights: { a: 1, b: 0, c: 1 } },
      { step: 7, weights: { a: 0, b: 1, c: 1 } },
    ],
  },
  validation: { alpha: 8 },
};

const kinds = samplerKinds.kinds().map(({ kind }) => kind);
describe.each(kinds)('the sampler %s', (kind) => {
  it.each(modes.filter((mode) => inTurn(kinds, mode, modes).includes(kind)))(
    'goes on from a checkpoint to the same bits: %s',
    async (compile) => {
      const sampler = samplerKinds.build({ kind, ...NEEDED[kind] });
      const options = {
        steps: 9,
        optimizer: adam({ learningRate: 0.02 }),
        ...plain,
        compile,
        sampler,
        evaluateEvery: 2,
      };
      const whole = await build(apart());
      const events = await lastValueFrom(train(whole, options).pipe(toArray()));
      const drawn = events.flatMap((event) => (event.kind === 'step' ? [String(event.drawn ?? 'all')] : []));
      expect(new Set(drawn).size > 1).toBe(kind !== 'all');
      const end = compile === 'eager' ? 1 : 4;
      const checkpoint = { every: 100, folder: mkdtempSync(join(place, 'kind-')) };
      const [cut, again] = [await build(apart()), await build(apart())];
      await lastValueFrom(train(cut, { ...options, checkpoint, stop: ({ step }) => step === end }));
      await lastValueFrom(resume(again, checkpoint.folder, { ...options, checkpoint }));
      expect(numbersOf(again)).toEqual(numbersOf(whole));
      for (const network of [whole, cut, again]) network.dispose();
    },
  );

  it('is asked for in a file as in a program', () => {
    const sampler = samplerKinds.build({ kind, ...NEEDED[kind] });
    expect(sampler.kind).toBe(kind);
    const said = Object.entries(sampler.config as object).filter(([, value]) => value !== null);
    const written = JSON.parse(JSON.stringify(Object.fromEntries(said))) as KindData;
    expect(samplerKinds.build(written).config).toEqual(sampler.config);
  });
});

describe('a training with a sampler', () => {
  const messageOf = async (options: Partial<TrainOptions>, tasks = apart()) => {
    const network = await build(tasks);
    try {
      return await stepsOf(network, options).then(
        () => 'no error',
        (error: Error) => error.message,
      );
    } finally {
      network.dispose();
    }
  };

  it.each<[string, Partial<TrainOptions>, string]>([
    [
      'a draw of what is not there',
      { sampler: { kind: 'wrong', config: 1, begin: () => ({ sets: 1, draw: () => [1, 1] }) } },
      'The sampler drew [1, 1] for step 1, expected at least one of [0, 1, 2], each once and ascending. Correct its draw().',
    ],
    [
      'evaluations that are not made',
      { sampler: validation() },
      'train: the sampler "validation" follows evaluations, expected evaluateEvery, received none. Set evaluateEvery, or choose a sampler that needs none.',
    ],
    [
      'epochs',
      { sampler: roundRobin(), steps: undefined as never, epochs: 2 },
      'train: epochs count the examples of all tasks in each step, expected steps beside a sampler, received epochs 2, sampler "round-robin". Give steps instead.',
    ],
  ])('tells of %s', async (_, options, message) => {
    expect(await messageOf(options)).toBe(message);
  });

  it('is not mixed up with one of another sampler', async () => {
    const folder = mkdtempSync(join(place, 'other-'));
    const options = { steps: 6, ...plain, checkpoint: { folder } };
    const [first, second] = [await build(apart()), await build(apart())];
    await lastValueFrom(train(first, { ...options, sampler: roundRobin(), stop: ({ step }) => step === 2 }));
    await expect(lastValueFrom(resume(second, folder, options))).rejects.toThrow(
      'was trained with sampler = {"kind":"round-robin","tasks":1}, and now it is null',
    );
    for (const network of [first, second]) network.dispose();
  });

  it('checks the first batch of a task where it comes first', async () => {
    // Its own state keeps the source from being read before the training.
    const late = numbersTask('late', () => 1);
    const source = late.source as Source<readonly number[], number>;
    const read: typeof source.read = async (...request) =>
      (await source.read(...request)).map(({ input }) => ({ input, target: 'a word' as never }));
    const broken = { ...late, source: { ...source, read, state: () => 0, restore: () => {} } } as AnyTask;
    const network = await build([numbersTask('a'), broken]);
    const steps: number[] = [];
    const training = train(network, { steps: 9, ...plain, sampler: listed(['a'], ['a'], ['a'], ['late']) });
    const error = await lastValueFrom(
      training.pipe(tap(({ kind, step }) => kind === 'step' && steps.push(step))),
    ).catch((error: Error) => error);
    expect(String(error)).toContain('Task "late"');
    expect(steps.length).toBeLessThanOrEqual(3);
    network.dispose();
  });

  it.skipIf(!compiled)('keeps the graphs of so many sets of tasks, and says what they cost', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const sets = names.flatMap((x, i) => names.slice(i + 1).map((y) => [x, y]));
    const more = names
      .flatMap((x, i) => names.slice(i + 1, i + 4).map((y) => [x, y, 'g']))
      .filter(([x, y]) => x !== 'g' && y !== 'g');
    const all = [...sets, ...more.map((set) => [...new Set(set)].sort())];
    expect(all.length).toBeGreaterThan(MAX_PLANS);
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const network = await build(names.map((name) => numbersTask(name)));
    const graphs = () => internals(network).body.runner.graphs.filter(({ kind }) => kind === 'train').length;
    let most = 0;
    const count = () => {
      most = Math.max(most, graphs());
      return false;
    };
    await stepsOf(network, { steps: all.length + 4, batch: 4, sampler: listed(...all), stop: count });
    // Two for a set that was drawn before anything had been missed.
    expect(most).toBeGreaterThanOrEqual(MAX_PLANS);
    expect(most).toBeLessThanOrEqual(MAX_PLANS + 2);
    const texts = warnings.mock.calls.map(([text]) => String(text));
    expect(texts[0]).toBe(
      `train: the sampler may draw ${all.length} different sets of tasks, and each is a graph of its own, compiled in the step that draws it first. ${MAX_PLANS} are kept: one that comes back later is compiled again. Expected few sets, or steps enough to make up for it. Draw fewer tasks a step, or nearly all, or let them take turns (round-robin).`,
    );
    expect(texts[1]).toMatch(
      /^train: the first step took \d+\.\d s with its graph, so the graphs of all \d+ sets of tasks take up to \d+ s, spread over the steps that draw each first\.$/,
    );
    warnings.mockRestore();
    network.dispose();
  });
});

// What a plugin throws is told with whose it is.
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { generatedSource } from '../../src/data/index.ts';
import {
  type AnyTask,
  BanyanError,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  startRuntime,
  type Trunk,
  train,
} from '../../src/index.ts';
import { headOf, inputs, NumberHead, NumbersStem, numbersSource, stemOf } from '../fixtures.ts';

beforeAll(async () => void (await startRuntime()));

const trunk = denseTrunk({ width: 8, depth: 1 });
const base = { name: 'a', stem: stemOf, head: headOf, source: numbersSource((x) => x[0]!) };
const own = new BanyanError('data', 'What the plugin says itself.');

const thrower = (error: unknown) => () => {
  throw error;
};
const changed = <T extends object>(part: T, change: object): T => Object.assign(part, change);

/** A task of which one part throws. */
const tasks: Record<string, (fail: () => never) => object> = {
  'Task "a": making its stem': (stem) => ({ stem }),
  'Task "a": making its head': (head) => ({ head }),
  'stem/a: forward()': (forward) => ({ stem: (c: never) => changed(new NumbersStem(c), { forward }) }),
  'head/a: forward()': (forward) => ({ head: (c: never) => changed(new NumberHead(c), { forward }) }),
  'head/a: loss()': (loss) => ({ head: (c: never) => changed(new NumberHead(c), { loss }) }),
  'head/a: decode() of validation example 0': (decode) => ({
    head: (c: never) => changed(new NumberHead(c), { decode }),
  }),
  'head/a: update() of metric "m" with validation example 0': (update) => ({
    head: (c: never) => changed(new NumberHead(c), { metrics: [{ name: 'm', update, result: () => 0, reset() {} }] }),
  }),
  'head/a: result() of metric "m"': (result) => ({
    head: (c: never) => changed(new NumberHead(c), { metrics: [{ name: 'm', update() {}, result, reset() {} }] }),
  }),
  'head/a: reset() of metric "m"': (reset) => ({
    head: (c: never) => changed(new NumberHead(c), { metrics: [{ name: 'm', update() {}, result: () => 0, reset }] }),
  }),
  'The source of task "a": open()': (open) => ({ source: { ...base.source, open } }),
  'The source of task "a": read() of training examples 0, 1': (read) => ({ source: { ...base.source, read } }),
  'Source "generated": make() of training example 0': (make) => ({
    source: generatedSource({ name: 'generated', counts: { training: 9, validation: 9, test: 0 }, make }),
  }),
};

async function use(change: object, options: { trunk?: Trunk; compile?: 'eager' } = {}): Promise<unknown> {
  const { compile = 'auto' } = options;
  const task = defineTask({ ...base, ...change } as never) as AnyTask;
  const network = await createNetwork({ trunk: options.trunk ?? trunk, tasks: [task] });
  try {
    await lastValueFrom(train(network, { steps: 1, batch: 4, compile }));
    await evaluate(network, { compile });
    return undefined;
  } finally {
    network.dispose();
  }
}

const textOf = (whose: string, text: string) =>
  expect.stringMatching(
    new RegExp(
      `^${whose.replace(/[()"]/g, '\\$&')} threw ${text} Expected .+\\. Correct it: the error's cause says where it happened\\.$`,
    ),
  );

describe.each(Object.entries(tasks))('%s', (whose, taskOf) => {
  it.each<[string, unknown, string]>([
    ['an error', new TypeError('no such thing'), 'TypeError: no such thing\\.'],
    ['a text', 'oh!', '"oh!"\\.'],
    ['nothing', undefined, 'nothing\\.'],
  ])('throws %s', async (_, thrown, text) => {
    const error = (await use(taskOf(thrower(thrown))).catch((error) => error)) as Error;
    expect(error).toBeInstanceOf(BanyanError);
    expect(error).toMatchObject({ code: 'plugin', message: textOf(whose, text) });
    expect(error.cause).toBe(thrown);
  });

  it('throws an error of the framework, which keeps what it says', async () => {
    // An error of opening a source, which does not know its task, is told with that.
    const message = expect.stringMatching(/^(Task "a": )?What the plugin says itself\.$/);
    await expect(use(taskOf(thrower(own)))).rejects.toMatchObject({ code: 'data', message });
  });
});

it('tells sources that reject, and blocks of a trunk, likewise', async () => {
  const failing = () => Promise.reject('no line');
  const message = (whose: string) => ({ code: 'plugin', message: textOf(whose, '"no line"\\.') });
  await expect(use({ source: { ...base.source, open: failing } })).rejects.toMatchObject(
    message('The source of task "a": open()'),
  );
  await expect(use({ source: { ...base.source, read: failing } })).rejects.toMatchObject(
    message('The source of task "a": read() of training examples 0, 1'),
  );
  const block = { ...trunk, block: () => ({ forward: thrower('no line') }) };
  await expect(use({}, { trunk: block })).rejects.toMatchObject(message('column-0/block-0: forward()'));
});

it('tells the input of a prediction', async () => {
  const task = defineTask({
    ...base,
    head: (c) => changed(new NumberHead(c), { decode: thrower('none') }) as NumberHead,
  });
  const network = await createNetwork({ trunk, tasks: [task] });
  await expect(network.predict('a', inputs.slice(0, 2))).rejects.toThrow('head/a: decode() of input 0 threw "none".');
  network.dispose();
});

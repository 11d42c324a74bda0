// What ends a training leaves the state after its last whole update, and a resumed one ends as if nothing had been.

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AnyTask,
  type BuildContext,
  constantSchedule,
  createNetwork,
  denseTrunk,
  type Network,
  resume,
  type Source,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { batchNorm } from '../../src/layers/index.ts';
import { internals } from '../../src/network/index.ts';
import { inputs, NumberHead, NumbersStem, numbersSource, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const place = temporaryFolder();
/** The update that fails, of eight. */
const BAD = 5;
/** What goes wrong in it, if anything. */
let fault: 'infinite' | 'refused' | 'thrown' | 'torn' | 'steep' | 'kinked' | 'stop' | 'unmeasured' | undefined;
afterEach(() => {
  fault = undefined;
});

/** Running statistics move in the forward pass, before anything can fail. */
class StatisticsStem extends NumbersStem {
  readonly #norm: ReturnType<typeof batchNorm>;
  constructor(context: BuildContext) {
    super(context);
    this.#norm = batchNorm(context, 'norm', context.width);
  }
  override forward(batch: tf.Tensor, call: Parameters<NumbersStem['forward']>[1]) {
    return this.#norm(super.forward(batch, call), call);
  }
}

/** One update's targets are marks of what is to go wrong in the loss. */
class FailingHead extends NumberHead {
  readonly #slack: tf.Variable;
  constructor(context: BuildContext) {
    super(context);
    this.#slack = context.variable('slack', [1], 'zeros');
  }
  override loss(output: tf.Tensor, target: tf.Tensor) {
    const marked = target.greater(1e9);
    if (fault === 'thrown' && target.isDisposed === false && readable(marked)) throw new Error('The loss broke.');
    // Of one number there is no sixth.
    const index =
      fault === 'refused' ? marked.cast('int32').mul(tf.scalar(5, 'int32')) : tf.zerosLike(target).cast('int32');
    const given = fault === 'steep' ? steep(output, marked) : output;
    const loss = super.loss(given, target).add(tf.gather(tf.zeros([1]), index as tf.Tensor1D)) as tf.Tensor1D;
    return fault === 'kinked' ? (loss.add(kinked(this.#slack, marked)) as tf.Tensor1D) : loss;
  }
}
/** Finite numbers whose gradient by a variable of the head alone is none: that of a root at 0. */
const kinked = (slack: tf.Tensor, marked: tf.Tensor): tf.Tensor =>
  slack
    .square()
    .add(tf.scalar(1).sub(marked.cast('float32')))
    .sqrt();
/** The same numbers, with gradients of which no products can be taken. */
function steep(output: tf.Tensor, marked: tf.Tensor): tf.Tensor {
  const factor = marked.cast('float32').mul(1e30).add(1).expandDims(1);
  const work = tf.customGrad((...given: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, by, save] = given as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([by]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => [dy.mul(saved[0]!), tf.zerosLike(saved[0]!)];
    return { value: x.clone(), gradFunc };
  });
  return work(output, factor);
}

const readable = (marked: tf.Tensor) => tf.any(marked).dataSync()[0] === 1;

function failingTask(name: string): AnyTask {
  const source = numbersSource((x) => x[0]!) as Source<readonly number[], number>;
  const read: Source<readonly number[], number>['read'] = async (split, indices, context) => {
    const examples = await source.read(split, indices, context);
    if (fault === 'unmeasured' && split === 'validation') throw new Error('The disk is gone.');
    if (fault === undefined || split !== 'training' || context.step !== BAD - 1) return examples;
    if (fault === 'torn') throw new Error('The queue is gone.');
    return examples.map((example) => ({ ...example, target: fault === 'infinite' ? 1e30 : 1e10 }));
  };
  const task = numbersTask(name);
  return {
    ...task,
    stem: (context: BuildContext) => new StatisticsStem(context),
    head: (context: BuildContext) => new FailingHead(context),
    source: { ...source, read },
  } as AnyTask;
}

const build = (tasks: readonly AnyTask[] = [failingTask('one'), numbersTask('two')]): Promise<Network> =>
  createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks: [...tasks], seed: 1 });
const valuesOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => [...tensor.dataSync()]);
const options = { steps: 8, batch: 8, schedule: constantSchedule() };
const messageOf = (network: Network, asked: TrainOptions) =>
  lastValueFrom(train(network, asked)).then(
    () => 'It went well.',
    (error: Error) => error.message,
  );

/** Trains in three ways: to the end; until the fault; and, without its cause, on from there. The error names the checkpoint of `step`. */
async function expectSameEnd(
  asked: Partial<TrainOptions>,
  wrong: typeof fault,
  step: number,
  make: () => Promise<Network> = build,
): Promise<string> {
  const folder = mkdtempSync(join(place, 'run-'));
  const all = { ...options, ...asked, checkpoint: { every: 3, folder } };
  const { checkpoint: _, ...alone } = all;
  const whole = await make();
  await lastValueFrom(train(whole, alone));
  const cut = await make();
  fault = wrong;
  const message = await messageOf(cut, all);
  fault = undefined;
  expect(message).toMatch(new RegExp(` The last checkpoint is ${folder}/step-0000000${step}\\.$`));
  const again = await make();
  await lastValueFrom(resume(again, folder, all));
  expect(valuesOf(again)).toEqual(valuesOf(whole));
  for (const network of [whole, cut, again]) network.dispose();
  return message;
}

describe('A training that ends by an update which fails', () => {
  it.each([
    ['graph', 'infinite', /^Update 5: the loss of task "one" is Infinity/],
    ['graph', 'refused', /TensorFlow answered INVALID_ARGUMENT/],
    ['eager', 'infinite', /^Update 5: the loss of task "one" is Infinity/],
    ['eager', 'thrown', /^head\/one: loss\(\) threw Error: The loss broke\./],
  ] as const)('%s, %s: has changed nothing, and is saved before', async (compile, wrong, message) => {
    expect(await expectSameEnd({ compile }, wrong, BAD - 1)).toMatch(message);
  });

  it.each(['famo', 'gradnorm', 'pcgrad', 'gradvac'])('balanced by %s: the same', async (balance) => {
    await expectSameEnd({ balance }, 'infinite', BAD - 1);
    await expectSameEnd({ balance, compile: 'eager' }, 'thrown', BAD - 1);
  });

  it.each(['graph', 'eager'] as const)(
    '%s: after the method has weighed it, which then knows nothing of it',
    async (compile) => {
      // The gradients that it compares are finite, those of the head are not.
      const message = await expectSameEnd({ balance: 'gradvac', compile }, 'kinked', BAD - 1);
      expect(message).toMatch(/^Update 5: the gradient's norm is NaN/);
    },
  );

  it.each(['graph', 'eager'] as const)('%s: where a part may have changed, is not saved again', async (compile) => {
    // The method looks at moving averages of gradients, which have moved by then.
    expect(await expectSameEnd({ balance: 'moco', compile }, 'steep', 3)).toMatch(/^Update 5: the gradient's norm is/);
    await expectSameEnd({ balance: 'pcgrad', compile }, 'steep', BAD - 1);
  });
});

describe('A training that ends', () => {
  it('by a source that throws: is saved before', async () => {
    expect(await expectSameEnd({}, 'torn', BAD - 1)).toMatch(
      /^The source of task "one": read\(\) of training examples .* threw Error: The queue is gone\./,
    );
  });

  it('by a stop() that throws: is saved before', async () => {
    const stop = ({ kind, step }: { kind: string; step: number }) => {
      if (fault === 'stop' && kind === 'step' && step === BAD - 1) throw new Error('No such figure.');
      return false;
    };
    expect(await expectSameEnd({ stop }, 'stop', BAD - 1)).toMatch(
      /^train: stop\(\) of the event "step" of step 4 threw Error: No such figure\. Expected true or false\. Correct it: the error's cause says where it happened\. The last/,
    );
  });

  it('by an evaluation that fails: is saved before, and makes up for it', async () => {
    await expectSameEnd({ evaluateEvery: BAD - 1 }, 'unmeasured', BAD - 1);
  });

  it('while its source takes a snapshot for the update that does not come: has the one before', async () => {
    const at = 6;
    let broken = false;
    const source = numbersSource((x) => x[0]!) as Source<readonly number[], number>;
    const read: Source<readonly number[], number>['read'] = async (split, indices, context) => {
      const examples = await source.read(split, indices, context);
      if (split !== 'training') return examples;
      if (context.step === 0) await context.snapshot('older');
      const [older] = await context.predict('acting', inputs.slice(0, 1), { weights: 'older' });
      if (context.step % 3 === 0) await context.snapshot('older');
      if (broken && context.step === at) throw new Error('The game broke off.');
      return examples.map((example) => ({ ...example, target: (older as Float32Array)[0]! }));
    };
    const task = { ...numbersTask('acting'), source: { ...source, lockStep: true, read } } as AnyTask;
    const folder = mkdtempSync(join(place, 'snapshot-'));
    const all = { ...options, checkpoint: { every: 100, folder } };
    const [whole, cut, again] = [await build([task]), await build([task]), await build([task])];
    await lastValueFrom(train(whole, options));
    broken = true;
    expect(await messageOf(cut, all)).toContain(`The last checkpoint is ${folder}/step-0000000${at}.`);
    broken = false;
    await lastValueFrom(resume(again, folder, all));
    expect(valuesOf(again)).toEqual(valuesOf(whole));
    for (const network of [whole, cut, again]) network.dispose();
  });
});

describe('Checkpoints by time', () => {
  it('change no bit', async () => {
    const [plain, saved] = [await build(), await build()];
    await lastValueFrom(train(plain, options));
    const checkpoint = { minutes: 1e-9, folder: mkdtempSync(join(place, 'time-')) };
    await lastValueFrom(train(saved, { ...options, checkpoint }));
    expect(valuesOf(saved)).toEqual(valuesOf(plain));
    for (const network of [plain, saved]) network.dispose();
  });
});

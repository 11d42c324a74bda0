import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, tap } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNetwork, defineTask, denseTrunk, type StemContext, train } from '../../../src/index.ts';
import { createRunner, startRuntime } from '../../../src/runtime/index.ts';
import { headOf, NumbersStem, numbersSource, numbersTask } from '../../fixtures.ts';

const { compiled } = await startRuntime();
const runner = createRunner();
const x = { shape: [3], dtype: 'float32', values: Float32Array.of(1, 2, 3) } as const;
let key = 0;

/** The error of a computation on `x`. */
const fault = (trace: (x: tf.Tensor) => tf.Tensor, variables: tf.Variable[] = []) =>
  runner
    .run(
      { kind: 'test', key: ['fault', ++key], inputs: [x], variables, trace: ([given]) => ({ y: trace(given!) }) },
      'graph',
    )
    .then(
      () => 'none',
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );

/** A variable alone, without the tensor it began as. */
const variableOf = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));

const EAGER = "Or run it with `compile: 'eager'`.";

describe.skipIf(!compiled)('what cannot be a graph', () => {
  it('reads a tensor', async () => {
    const expected =
      'capture: the numbers of a tensor (made by Mul) are read inside, expected only operations on tensors ' +
      `(no dataSync, arraySync, print or data). Compute with tfjs operations, or read what the head gives after the step. ${EAGER}`;
    expect(await fault((x) => x.mul(x.mul(2).dataSync()[0]!))).toBe(expected);
    expect(
      await fault((x) => {
        const y = x.mul(2);
        void y.data();
        return y;
      }),
    ).toBe(expected);
  });

  it('may read what was made in JavaScript', async () => {
    expect(await fault((x) => x.mul(tf.scalar(2).dataSync()[0]!))).toBe('none');
  });

  it('uses a tensor that was disposed', async () => {
    const gone = tf.scalar(2);
    gone.dispose();
    expect(await fault((x) => x.square().mul(gone))).toBe(
      `capture: a tensor that was disposed before is used (after Square), expected a live one. Keep it, or make it anew. ${EAGER}`,
    );
  });

  it('draws its own random numbers', async () => {
    expect(await fault((x) => x.add(tf.randomUniform([3])))).toBe(
      'capture: the same inputs gave another computation the second time: after nothing came another constant, ' +
        'expected the same operations on the same constants (no clock, no Math.random, no count of calls). ' +
        `Draw from \`context.random\`, and make what changes from step to step an input. ${EAGER}`,
    );
    expect(await fault((x) => tf.multinomial(x as tf.Tensor1D, 2).cast('float32'))).toContain(
      'Multinomial gives something else in each call or changes something outside, expected a pure operation',
    );
  });

  it('counts its calls', async () => {
    let calls = 0;
    expect(await fault((x) => (++calls > 1 ? x.square() : x.exp()))).toContain(
      'after nothing came Square, and the first time Exp, expected the same operations',
    );
    calls = 0;
    expect(await fault((x) => (++calls > 1 ? x.exp() : x.exp().neg()))).toContain(
      'gave another computation the second time',
    );
  });

  it('has shapes that depend on numbers', async () => {
    expect(await fault((x) => tf.unique(x as tf.Tensor1D).values)).toContain(
      'depends on numbers that only the running',
    );
  });

  it('leaves a tensor, also one that a later graph would take for its own', async () => {
    const left: tf.Tensor[] = [];
    const keeps = (x: tf.Tensor) => {
      left[0] ??= tf.keep(x.mul(2));
      return x.add(left[0]);
    };
    expect(await fault(keeps)).toBe(
      'leak: 1 tensors are left alive, expected none. Wrap what makes them in tf.tidy; make constants when the stem, block or head is built.',
    );
    expect(left[0]!.isDisposed).toBe(true);
    expect(await fault(keeps)).toContain('a tensor that was disposed before is used');
    // What escapes without being kept is as dead.
    const hidden: { dataId?: object } = {};
    await fault((x) => {
      hidden.dataId = x.mul(2).dataId;
      return x;
    });
    expect(tf.engine().state.tensorInfo.has(hidden.dataId!)).toBe(false);
  });

  it('leaves everything as it was', async () => {
    const mine = variableOf([1, 1, 1]);
    expect(
      await fault(
        (x) => {
          mine.assign(mine.add(x) as tf.Tensor1D);
          return tf.scalar(mine.dataSync()[0]!);
        },
        [mine],
      ),
    ).toContain('(made by Add) are read inside');
    expect([...mine.dataSync()]).toEqual([1, 1, 1]);
    expect([...tf.tidy(() => tf.gather(mine, tf.tensor1d([0], 'int32')).dataSync())]).toEqual([1]);
    mine.dispose();
  });
});

describe.skipIf(!compiled)('a training whose step cannot be a graph', () => {
  const peeking = defineTask({
    name: 'peeking',
    stem: (context: StemContext) => {
      const stem = new NumbersStem(context);
      return {
        modality: 'numbers',
        inputShape: [4],
        prepare: stem.prepare,
        forward: (batch: tf.Tensor, call) => {
          const tokens = stem.forward(batch, call);
          tokens.dataSync();
          return tokens;
        },
      };
    },
    head: headOf,
    source: numbersSource((input) => input[0]!),
  });
  const options = { steps: 3, batch: 4 };
  const build = () =>
    createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('fine'), peeking] });
  afterEach(() => vi.restoreAllMocks());

  it('goes on eagerly, with one warning that names task and operation', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const network = await build();
    const losses: number[] = [];
    await lastValueFrom(
      train(network, options).pipe(tap((event) => event.kind === 'step' && losses.push(event.losses.peeking!))),
    );
    expect(losses).toHaveLength(3);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(
      /^This network goes on operation by operation \(train\), which is slower\. stem\/peeking: the numbers of a tensor \(made by ExpandDims\) are read inside/,
    );
    network.dispose();
  });

  it('is an error where a graph was asked for', async () => {
    const network = await build();
    await expect(lastValueFrom(train(network, { ...options, compile: 'graph' }))).rejects.toMatchObject({
      code: 'capture',
    });
    network.dispose();
  });
});

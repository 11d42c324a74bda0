import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { collateTargets, nameOutput, samplesOf, toTensor } from '../network/index.ts';
import { RandomStream } from '../random/index.ts';
import type { Head, HeadContext, HeadFactory, SampleOutput } from '../task/contract.ts';
import { checkExplanation } from './display.ts';
import { copyVariables, descend, type TestContext, withoutLeak } from './test-context.ts';

const POSITIONS = 3;

const contextOf = ({ context }: TestContext): HeadContext => ({ ...context, positions: POSITIONS });

/** Tokens that differ from sample to sample. */
function someTokens(batch: number, width: number): tf.Tensor3D {
  const random = new RandomStream(7, 'head-contract');
  const values = Float32Array.from({ length: batch * POSITIONS * width }, () => random.normal());
  return tf.tensor3d(values, [batch, POSITIONS, width]); // [batch, positions, width]
}

/**
 * What every head must keep: the batch axis in output and per-sample loss; finite numbers; a sample's loss does not depend on
 * its neighbours; a missing label becomes a valid neutral one; every output decodes, every metric takes the prediction, and `say` says it; a
 * step lowers the loss; equal weights give equal outputs; no tensor is left.
 */
export async function runHeadContract<T, P>(
  factory: HeadFactory<T, P>,
  options: { readonly targets: readonly T[] },
): Promise<void> {
  const { targets } = options;
  const count = targets.length;
  assert.ok(count >= 2, `runHeadContract needs at least two targets, received ${count}. Give more.`);
  await withoutLeak('head', async (open) => {
    const bench = open();
    const head = factory(contextOf(bench)) as Head<unknown, unknown>;
    const label = head.target ?? { shape: [], dtype: 'float32' as const };
    const { target, measured } = collateTargets('contract', label, targets);
    assert.ok(
      measured.every((one) => one === 1),
      'all given targets must be labels, none of them missing',
    );
    const missing = collateTargets('contract', label, [undefined]);
    assert.equal(missing.labelled[0], 0, 'a missing label must be recognised');

    const lossesOf = (from: number, to: number, neutral = false) =>
      tf.tidy(() => {
        const tokens = someTokens(count, bench.context.width).slice([from, 0, 0], [to - from, -1, -1]);
        const label = neutral ? toTensor(missing.target) : toTensor(target).slice(from, to - from);
        return head.loss(head.forward(tokens, { training: false }), label).arraySync();
      });
    const losses = lossesOf(0, count);
    assert.equal(losses.length, count, `loss must give one number a sample, [${count}]`);
    assert.ok(losses.every(Number.isFinite), `losses must be finite, received ${losses.join(', ')}`);
    assert.ok(
      lossesOf(0, 1, true).every(Number.isFinite),
      'the loss of a missing label must be finite: its weight is 0, and NaN times 0 is NaN',
    );
    for (let i = 0; i < count; i++) {
      const [alone] = lossesOf(i, i + 1);
      assert.ok(
        Math.abs(alone! - losses[i]!) <= 1e-4 * Math.max(1, Math.abs(losses[i]!)),
        `the loss of sample ${i} must not depend on the others`,
      );
    }

    const outputs = async (of: Head<unknown, unknown>, { store }: TestContext): Promise<SampleOutput[]> => {
      const variables = store.all().map(({ variable }) => variable);
      const trace = () => nameOutput(of.forward(someTokens(count, bench.context.width), { training: false }));
      return samplesOf(
        await bench.runner.run({ kind: 'test', key: ['head'], inputs: [], variables, trace }, 'eager'),
        count,
      );
    };
    const predictions = (await outputs(head, bench)).map((sample) => head.decode(sample));
    for (const [i, prediction] of head.explain === undefined ? [] : predictions.entries()) {
      checkExplanation(head.explain!(prediction, targets[i]), true);
      checkExplanation(head.explain!(prediction, undefined), false);
    }
    for (const metric of head.metrics) {
      metric.reset();
      for (const [i, prediction] of predictions.entries()) metric.update(targets[i], prediction);
      assert.ok(Number.isFinite(metric.result()), `metric ${metric.name} must be finite after updates`);
      metric.reset();
    }

    const objective = () =>
      head
        .loss(head.forward(someTokens(count, bench.context.width), { training: true }), toTensor(target))
        .mean() as tf.Scalar;
    const { before, after } = descend(bench.store, objective, 5, 0.02);
    assert.ok(after < before, `a few steps must lower the loss: ${before} before, ${after} after`);

    const again = open(2);
    const copy = factory(contextOf(again)) as Head<unknown, unknown>;
    copyVariables(bench.store, again.store);
    assert.deepEqual(await outputs(copy, again), await outputs(head, bench), 'equal weights must give equal outputs');
  });
}

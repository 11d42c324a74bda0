import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { collateTargets } from '../network/index.ts';
import { startRuntime } from '../runtime/index.ts';
import type { Head, HeadContext, HeadFactory, Label } from '../task/contract.ts';
import { runContract, tensorContractOf } from './contract.ts';
import {
  type AnyHeadSubject,
  checkPredictions,
  inputsOf,
  POSITIONS,
  taskOf,
  tokensOf,
  undecoded,
  withLabels,
} from './head-task.ts';
import { assertSameInGraph, assertSurvivesSaving, withNetwork } from './in-network.ts';
import { descend, type TestContext, WIDTH, withContext } from './test-context.ts';
import { writingHeadContract } from './writing-head.ts';

/** A clause is checked with the head built by itself, and with its labels. */
interface Trial {
  readonly context: TestContext;
  readonly head: Head<unknown, unknown>;
  readonly label: Label;
  readonly count: number;
  /** The loss of the samples from one place to another, in inference mode. */
  losses(from: number, to: number, target: tf.Tensor): number[];
}

/** Makes the tokens of so many samples. */
const someTokens = (count: number): tf.Tensor3D =>
  tf.tensor3d(Float32Array.from(Array.from({ length: count }, (_, i) => [...tokensOf(i)]).flat()), [
    count,
    POSITIONS,
    WIDTH,
  ]); // [count, positions, width]

function trial({ factory, targets }: AnyHeadSubject, work: (trial: Trial) => void): void {
  withContext((context) => {
    const head = factory({ ...context.context, positions: POSITIONS } satisfies HeadContext);
    work({
      context,
      head,
      label: head.target ?? { shape: [], dtype: 'float32' },
      count: targets.length,
      losses: (from, to, target) =>
        tf.tidy(() => {
          const tokens = someTokens(targets.length).slice([from, 0, 0], [to - from, -1, -1]);
          return head.loss(head.forward(tokens, { training: false }), target).arraySync();
        }),
    });
  });
}

/** Every head that does not write must keep these clauses; one that writes, those of `writingHeadContract`. */
export const headContract = tensorContractOf<AnyHeadSubject>('head', {
  'gives one finite loss a sample': (subject) =>
    trial(subject, ({ label, count, losses }) => {
      const { measured } = collateTargets('contract', label, subject.targets);
      assert.ok(
        measured.every((there) => there === 1),
        'all targets must be labels, none of them missing',
      );
      withLabels(label, subject.targets, (target) => {
        const all = losses(0, count, target);
        assert.equal(all.length, count, `loss must give one number a sample, [${count}]`);
        assert.ok(all.every(Number.isFinite), `losses must be finite, received ${all.join(', ')}`);
      });
    }),

  'makes a valid neutral label of a missing one': (subject) =>
    trial(subject, ({ label, losses }) => {
      const missing = collateTargets('contract', label, [undefined]);
      assert.equal(missing.labelled[0], 0, 'a missing label must be recognised');
      withLabels(label, [undefined], (target) =>
        assert.ok(
          losses(0, 1, target).every(Number.isFinite),
          'the loss of a missing label must be finite: its weight is 0, and NaN times 0 is NaN',
        ),
      );
    }),

  'judges each sample by itself': (subject) =>
    trial(subject, ({ label, count, losses }) =>
      withLabels(label, subject.targets, (target) => {
        const all = losses(0, count, target);
        for (const [i, expected] of all.entries()) {
          const [alone] = tf.tidy(() => losses(i, i + 1, target.slice(i, 1)));
          assert.ok(
            Math.abs(alone! - expected) <= 1e-4 * Math.max(1, Math.abs(expected)),
            `the loss of sample ${i} must not depend on the others`,
          );
        }
      }),
    ),

  'decodes, explains and measures its outputs': ({ factory, targets }) => {
    const task = taskOf(factory, targets);
    return withNetwork(task, async (network) =>
      checkPredictions(factory, targets, await network.predict(task, inputsOf(targets))),
    );
  },

  'learns: a few steps lower its loss': (subject) =>
    trial(subject, ({ context, head, label, count }) =>
      withLabels(label, subject.targets, (target) => {
        const objective = () =>
          head.loss(head.forward(someTokens(count), { training: true }), target).mean<tf.Scalar>();
        const { before, after } = descend(context.store, objective, 5, 0.02);
        assert.ok(after < before, `a few steps must lower the loss: ${before} before, ${after} after`);
      }),
    ),

  'computes the same in a graph': ({ factory, targets }) =>
    assertSameInGraph(taskOf(undecoded(factory), targets), inputsOf(targets), targets.length),

  'survives save and load': ({ factory, targets }) =>
    assertSurvivesSaving(taskOf(undecoded(factory), targets), inputsOf(targets), targets.length),
});

/**
 * Checks what every head must keep (`headContract.clauses`): one finite loss a sample, which does not depend on its neighbours; a
 * missing label becomes a valid neutral one; every output decodes, every metric takes the prediction, and `explain` explains it; a
 * step lowers the loss; a graph computes the same; a saved head gives the same; no tensor is left. A head that writes must keep
 * `writingHeadContract.clauses` instead.
 */
export async function runHeadContract<Target, Prediction>(
  factory: HeadFactory<Target, Prediction>,
  options: { readonly targets: readonly Target[] },
): Promise<void> {
  const { targets } = options;
  assert.ok(targets.length >= 2, `runHeadContract needs at least two targets, received ${targets.length}. Give more.`);
  const subject = { factory: factory as HeadFactory<unknown, unknown>, targets };
  await startRuntime();
  const writes = withContext(({ context }) => factory({ ...context, positions: POSITIONS }).writes !== undefined);
  await runContract(writes ? writingHeadContract : headContract, subject);
}

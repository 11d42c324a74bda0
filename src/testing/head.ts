import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { collateTargets } from '../network/index.ts';
import { startRuntime } from '../runtime/index.ts';
import type { Call, Head, HeadContext, HeadFactory, Label, Output } from '../task/contract.ts';
import { runContract, tensorContractOf } from './contract.ts';
import {
  type AnyHeadSubject,
  batchOf,
  checkPredictions,
  type HeadSubject,
  inputsOf,
  POSITIONS,
  stemTokens,
  taskOf,
  undecoded,
  withLabels,
} from './head-task.ts';
import { assertSameInGraph, assertSurvivesSaving, withNetwork } from './in-network.ts';
import { checkOutcomes } from './outcomes.ts';
import { descend, type TestContext, withContext } from './test-context.ts';
import { writingHeadContract } from './writing-head.ts';

/** A clause is checked with the head built by itself, and with its labels. */
interface Trial {
  readonly context: TestContext;
  readonly head: Head<unknown, unknown>;
  readonly label: Label;
  readonly count: number;
  /** The output for the samples from one place to another. */
  output(from: number, to: number, call: Pick<Call, 'training'>): Output;
  /** The loss of the samples from one place to another, in inference mode. */
  losses(from: number, to: number, target: tf.Tensor): number[];
}

function trial(subject: AnyHeadSubject, work: (trial: Trial) => void): void {
  const { factory, targets, features = {} } = subject;
  withContext((context) => {
    const head = factory({ ...context.context, positions: POSITIONS } satisfies HeadContext);
    assertFeatures(head, features);
    const output: Trial['output'] = (from, to, call) => {
      const { tokens, features } = stemTokens(subject, batchOf(subject, from, to));
      return head.forward(tokens, head.reads === undefined ? call : { ...call, features });
    };
    work({
      context,
      head,
      label: head.target ?? { shape: [], dtype: 'float32' },
      count: targets.length,
      output,
      losses: (from, to, target) => tf.tidy(() => head.loss(output(from, to, { training: false }), target).arraySync()),
    });
  });
}

/** Checks that there is a shape for each feature that the head reads. */
function assertFeatures({ reads = [] }: Head<unknown, unknown>, features: object): void {
  const names = Object.keys(features);
  const missing = reads.filter((name) => !names.includes(name));
  assert.ok(
    missing.length === 0,
    `features must have a shape for each feature that the head reads, ${reads.join(', ')}, received ${names.join(', ') || 'none'}: give \`features: { ${missing[0]}: [8, 8, 4] }\``,
  );
}

/** Every head that does not write must keep these clauses; one that writes, those of `writingHeadContract`. */
export const headContract = tensorContractOf<HeadSubject<unknown, unknown>>('head', {
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
    trial(subject, ({ head, label, count, losses }) =>
      withLabels(label, subject.targets, (target) => {
        if (head.comparesSamples === true) return;
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

  'decodes, explains and measures its outputs': async (subject) => {
    const task = taskOf(subject);
    await withNetwork(task, async (network) =>
      checkPredictions(subject, await network.predict(task, inputsOf(subject))),
    );
    trial(subject, ({ head, count, output }) =>
      tf.tidy(() => checkOutcomes(head, output(0, count, { training: false }), count)),
    );
  },

  'learns: a few steps lower its loss': (subject) =>
    trial(subject, ({ context, head, label, count, output }) =>
      withLabels(label, subject.targets, (target) => {
        const objective = () => head.loss(output(0, count, { training: true }), target).mean<tf.Scalar>();
        const { before, after } = descend(context.store, objective, 5, 0.02);
        assert.ok(after < before, `a few steps must lower the loss: ${before} before, ${after} after`);
      }),
    ),

  'computes the same in a graph': (subject) =>
    assertSameInGraph(taskOf(undecoded(subject)), inputsOf(subject), subject.targets.length),

  'survives save and load': (subject) =>
    assertSurvivesSaving(taskOf(undecoded(subject)), inputsOf(subject), subject.targets.length),
});

/**
 * Checks what every head must keep (`headContract.clauses`): one finite loss a sample, which does not depend on its neighbours (but
 * where the head `comparesSamples`); a missing label becomes a valid neutral one; every output decodes, every metric takes the
 * prediction, and `explain` explains it; a step lowers the loss; a graph computes the same; a saved head gives the same; no tensor is left. A head that writes must keep
 * `writingHeadContract.clauses` instead.
 * @param options.features the shapes of the features that the head `reads`, by name, without the batch axis.
 */
export async function runHeadContract<Target, Prediction>(
  factory: HeadFactory<Target, Prediction>,
  options: Omit<HeadSubject<Target, Prediction>, 'factory'>,
): Promise<void> {
  const { targets } = options;
  assert.ok(targets.length >= 2, `runHeadContract needs at least two targets, received ${targets.length}. Give more.`);
  const subject = { ...options, factory: factory as HeadFactory<unknown, unknown> };
  await startRuntime();
  const writes = withContext(({ context }) => factory({ ...context, positions: POSITIONS }).writes !== undefined);
  await runContract(writes ? writingHeadContract : headContract, subject);
}

import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { isWriting, type WritingTask } from '../network/assembly/built.ts';
import { nextOutput } from '../network/assembly/writing.ts';
import type { NetworkBody } from '../network/index.ts';
import { collateTargets, internals, passOf } from '../network/index.ts';
import type { Past } from '../task/contract.ts';
import { tensorContractOf } from './contract.ts';
import {
  type AnyHeadSubject,
  batchOf,
  checkPredictions,
  type HeadSubject,
  inputsOf,
  taskOf,
  undecoded,
  withLabels,
} from './head-task.ts';
import { assertSameInGraph, assertSurvivesSaving, lossesOf, withNetwork } from './in-network.ts';

/** Position by position, scores may differ so much from those of all positions at once: they are added up in another order. */
const TOLERANCE = 1e-5;
/** So many updates are taken to see the loss fall. */
const STEPS = 5;

/** A clause is checked with the head in a small network whose trunk has a decoder. */
interface Trial {
  readonly body: NetworkBody;
  readonly task: WritingTask;
  readonly count: number;
  /** The trunk's output for the samples from one place to another. */
  encode(from?: number, to?: number): ReturnType<NetworkBody['encode']>;
}

/** Works within a tidy. */
function trial(subject: AnyHeadSubject, work: (trial: Trial) => void): Promise<void> {
  return withNetwork(taskOf(subject), async (network) => {
    const { body } = internals(network);
    const task = body.task('contract');
    assert.ok(isWriting(task), 'writes must be there: a head without it keeps headContract');
    const encode: Trial['encode'] = (from, to) => body.encode(passOf(task), [batchOf(subject, from, to)], false);
    tf.tidy(() => work({ body, task, count: subject.targets.length, encode }));
  });
}

/** The scores `[samples, positions, symbols]` where each position sees the target's symbols before it, in inference mode. */
const forced = ({ body, task }: Trial, encoded: ReturnType<Trial['encode']>, target: tf.Tensor): tf.Tensor3D =>
  body.output(task, encoded, target) as tf.Tensor3D;

/** The same scores, position by position. */
function written({ task }: Trial, encoded: ReturnType<Trial['encode']>, target: tf.Tensor2D): tf.Tensor3D {
  const [samples, positions] = target.shape;
  const read = { tokens: encoded.tokensOf(task), call: encoded.columnCall };
  const kept = new Map<object, tf.Tensor>();
  const scores = Array.from({ length: positions }, (_, at) => {
    const past: Past = {
      at: tf.scalar(at, 'int32'),
      length: positions,
      recall: (memory, shape) => kept.get(memory) ?? tf.zeros([...shape]),
      keep: (memory, value) => void kept.set(memory, value),
      once: (memory, compute) => {
        if (!kept.has(memory)) kept.set(memory, compute());
        return kept.get(memory)!;
      },
    };
    const before = target.slice([0, Math.max(0, at - 1)], [samples, 1]);
    return nextOutput(task, read, before, past);
  });
  return tf.concat(scores, 1);
}

const assertAllNear = (actual: tf.Tensor, expected: tf.Tensor, what: string): void => {
  const far = actual.sub(expected).abs().sub(expected.abs().maximum(1).mul(TOLERANCE)).max().dataSync()[0]!;
  assert.ok(far <= 0, `${what}, within ${TOLERANCE}`);
};

/** The numbers of one target, as the head prepares it. */
const symbolsOf = ({ label }: WritingTask, target: unknown): readonly number[] => {
  const prepared = label.prepare?.(target) ?? target;
  assert.ok(ArrayBuffer.isView(prepared) || Array.isArray(prepared), 'a label must be a list of symbols');
  return Array.from(prepared as ArrayLike<number>);
};

/** Every head that writes must keep these clauses. */
export const writingHeadContract = tensorContractOf<HeadSubject<unknown, unknown>>('head', {
  'has labels of symbols without padding, and one end': (subject) =>
    trial(subject, ({ task }) => {
      for (const target of subject.targets) {
        const symbols = symbolsOf(task, target);
        const shown = `[${symbols.join(', ')}]`;
        const { end } = task.writing.writes;
        assert.ok(
          symbols.every((symbol) => Number.isSafeInteger(symbol) && symbol >= 1),
          `a label must hold symbols, whole numbers >= 1, since 0 is padding, received ${shown}`,
        );
        assert.equal(
          symbols.indexOf(end),
          symbols.length - 1,
          `a label must end with ${end} and have it once, received ${shown}`,
        );
      }
    }),

  'scores every symbol of its labels at each position': (subject) =>
    trial(subject, (all) =>
      withLabels(all.task.label, subject.targets, (target) => {
        const [samples, positions, symbols] = forced(all, all.encode(), target).shape;
        assert.deepEqual([samples, positions], target.shape, 'scores must be [batch, positions, symbols]');
        const highest = Math.max(all.task.writing.writes.end, target.max().dataSync()[0]!);
        assert.ok(highest < symbols, `there must be a score for symbol ${highest}, received ${symbols} scores`);
      }),
    ),

  'gives one finite loss a sample': (subject) =>
    trial(subject, (all) => {
      const { measured } = collateTargets('contract', all.task.label, subject.targets);
      assert.ok(
        measured.every((there) => there === 1),
        'all targets must be labels, none of them missing',
      );
      withLabels(all.task.label, subject.targets, (target) => {
        const losses = all.task.head.loss(forced(all, all.encode(), target), target).arraySync();
        assert.equal(losses.length, all.count, `loss must give one number a sample, [${all.count}]`);
        assert.ok(losses.every(Number.isFinite), `losses must be finite, received ${losses.join(', ')}`);
      });
    }),

  'makes a valid neutral label of a missing one': (subject) =>
    trial(subject, (all) => {
      const missing = collateTargets('contract', all.task.label, [undefined]);
      assert.equal(missing.labelled[0], 0, 'a missing label must be recognised');
      withLabels(all.task.label, [undefined], (target) => {
        const losses = all.task.head.loss(forced(all, all.encode(0, 1), target), target).arraySync();
        assert.ok(
          losses.every(Number.isFinite),
          'the loss of a missing label must be finite: its weight is 0, and NaN times 0 is NaN',
        );
      });
    }),

  'judges each sample by itself': (subject) =>
    trial(subject, (all) =>
      withLabels(all.task.label, subject.targets, (target) => {
        const { loss } = all.task.head;
        const together = loss.call(all.task.head, forced(all, all.encode(), target), target).arraySync();
        for (const [i, expected] of together.entries()) {
          const own = target.slice(i, 1);
          const [alone] = loss.call(all.task.head, forced(all, all.encode(i, i + 1), own), own).arraySync();
          assert.ok(
            Math.abs(alone! - expected) <= 1e-4 * Math.max(1, Math.abs(expected)),
            `the loss of sample ${i} must not depend on the others`,
          );
        }
      }),
    ),

  'ignores what comes after the end': (subject) =>
    trial(subject, (all) =>
      withLabels(all.task.label, subject.targets, (labels) => {
        // Padded by two more positions, so that each sample has some after its end.
        const target = labels.pad([
          [0, 0],
          [0, 2],
        ]);
        const scores = forced(all, all.encode(), target);
        const isAfter = target.equal(0).cast('float32').expandDims(2); // [batch, positions, 1]
        const noise = tf.range(0, scores.size, 1).sin().mul(3).reshape(scores.shape);
        const expected = all.task.head.loss(scores, target);
        const disturbed = all.task.head.loss(scores.add(noise.mul(isAfter)), target);
        assertAllNear(disturbed, expected, 'the loss must not depend on scores after the end');
        const shorter = all.task.head.loss(forced(all, all.encode(), labels), labels);
        assertAllNear(expected, shorter, 'the loss must not depend on how far a label is padded');
      }),
    ),

  'writes position by position as where all are there': (subject) =>
    trial(subject, (all) =>
      withLabels(all.task.label, subject.targets, (target) => {
        const encoded = all.encode();
        const expected = forced(all, encoded, target);
        assertAllNear(
          written(all, encoded, target as tf.Tensor2D),
          expected,
          'scores position by position must be those of all positions at once',
        );
      }),
    ),

  'learns its embedding: the loss has a gradient there': (subject) =>
    trial(subject, (all) =>
      withLabels(all.task.label, subject.targets, (target) => {
        const { body, task } = all;
        const variables = body.store.of(task.scope).filter(({ trainable }) => trainable);
        const gradients = (f: () => tf.Tensor): (tf.Tensor | undefined)[] =>
          tf.engine().gradients(
            () => f().sum(),
            variables.map(({ tensor }) => tensor),
            undefined,
            true,
          ).grads;
        const symbols = target as tf.Tensor2D;
        const embedded = gradients(() => task.writing.writes.embed(symbols, { training: true }).square());
        const ofLoss = gradients(() => task.head.loss(forced(all, all.encode(), target), target));
        const reaching = variables.filter((_, i) => (embedded[i] ?? undefined) !== undefined);
        assert.ok(reaching.length > 0, 'writes.embed must depend on weights of the head, so that they are learned');
        for (const variable of reaching) {
          const gradient = ofLoss[variables.indexOf(variable)] ?? undefined;
          const size = gradient?.abs().max().dataSync()[0] ?? 0;
          assert.ok(size > 0, `the gradient of the loss must reach ${variable.name}`);
        }
      }),
    ),

  'decodes, explains and measures what it writes': (subject) => {
    const { targets } = subject;
    const task = taskOf(subject);
    return withNetwork(task, async (network) => {
      checkPredictions(subject, await network.predict(task, inputsOf(subject)));
      const writing = internals(network).body.task('contract');
      assert.ok(isWriting(writing), 'writes must be there: a head without it keeps headContract');
      // What a head without a fault writes, and the empty sequence.
      const sequences = [...targets.map((target) => symbolsOf(writing, target).slice(0, -1)), []];
      const decoded = sequences.map((symbols) => writing.head.decode(Float32Array.from(symbols)));
      assert.ok(
        decoded.every((prediction) => prediction !== undefined),
        'decode must make a prediction of the symbols that are written, also of none',
      );
      checkPredictions({ ...subject, targets: [...targets, targets[0]] }, decoded);
    });
  },

  'learns: a few steps lower its loss': (subject) => {
    const task = taskOf(subject);
    return withNetwork(task, async (network) => {
      const losses = await lossesOf(network, task, { steps: STEPS, batch: subject.targets.length });
      const [before, after] = [losses[0]!, losses.at(-1)!];
      assert.ok(after < before, `a few steps must lower the loss: ${before} before, ${after} after`);
    });
  },

  'computes the same in a graph': (subject) =>
    assertSameInGraph(taskOf(undecoded(subject)), inputsOf(subject), subject.targets.length),

  'survives save and load': (subject) =>
    assertSurvivesSaving(taskOf(undecoded(subject)), inputsOf(subject), subject.targets.length),
});

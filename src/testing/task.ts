import assert from 'node:assert/strict';
import { evaluate } from '../evaluate/index.ts';
import { internals, type Network, outputsOf } from '../network/index.ts';
import { adam } from '../optimise/index.ts';
import { NO_NETWORK, type SourceContext } from '../task/source.ts';
import type { AnyTask } from '../task/task.ts';
import { runContract, tensorContractOf } from './contract.ts';
import { checkDisplay } from './display.ts';
import { assertSameInGraph, assertSurvivesSaving, lossesOf, sourceOf, withNetwork } from './in-network.ts';
import { numbersOf, roundTrip } from './round-trip.ts';

/** So many examples are read, and make one batch. */
const BATCH = 8;

/** Which snapshots a source has taken: it takes one now and then, and need not do so again in the next clause. */
const snapshotsOf = new WeakMap<object, Set<string>>();

/** Makes what a source acts with: the network, whose snapshots are the network itself. */
function actingContext(network: Network<AnyTask>, source: object): SourceContext {
  const taken = snapshotsOf.get(source) ?? new Set<string>();
  snapshotsOf.set(source, taken);
  return {
    step: 0,
    seed: 0,
    signal: new AbortController().signal,
    predict: (name, inputs, { weights } = {}) => {
      assert.ok(weights === undefined || taken.has(weights), `snapshot "${weights}" must be taken before it predicts`);
      const { body, lease } = internals(network);
      return lease.use(() => outputsOf(body, body.task(name), inputs));
    },
    snapshot: async (name) => {
      taken.add(name);
    },
  };
}

/** Checks that the state of a source that acts with the network survives `state`, `restore` and `demonstrate`. */
async function checkActing({ source, ...rest }: AnyTask): Promise<void> {
  await withNetwork({ source, ...rest }, async (network) => {
    const context = actingContext(network, source);
    const read = () =>
      source.read(
        'training',
        Array.from({ length: BATCH }, (_, i) => i),
        context,
      );
    await read();
    const current = source.state?.() ?? null;
    const before = numbersOf(current);
    const saved = roundTrip(current);
    const examples = await read();
    assert.deepEqual(
      numbersOf(current),
      before,
      'numbers that a source gave as its state must not change when it reads on',
    );
    if (saved !== null) {
      source.restore?.(saved);
      assert.deepEqual(await read(), examples, 'a source put into a state must give the same examples as after it');
    }
    if (source.demonstrate === undefined) return;
    const state = roundTrip(source.state?.() ?? null);
    const { display, words } = await source.demonstrate(1, context);
    checkDisplay(display, 'demonstrate()');
    assert.ok(words.length > 0, 'demonstrate() must say how it ended');
    assert.deepEqual((await source.demonstrate(1, context)).display, display, 'demonstrate() must show the same again');
    assert.deepEqual(source.state?.() ?? null, state, 'demonstrate() must leave the state of the source as it was');
  });
}

/** The task's contract is checked on this. */
export interface TaskSubject {
  readonly task: AnyTask;
  /** So many updates are taken to see the loss fall. */
  readonly steps: number;
}

/** Reads a few examples of the task, and makes a task that has these alone. */
async function withFewExamples(
  { task }: TaskSubject,
  work: (task: AnyTask, inputs: readonly unknown[]) => Promise<void>,
): Promise<void> {
  const { source } = task;
  await source.open?.();
  const count = source.counts.training;
  const indices = Array.from({ length: BATCH }, (_, i) => i % count);
  const examples =
    source.lockStep === true
      ? await withNetwork(task, async (network) => source.read('training', indices, actingContext(network, source)))
      : await source.read('training', indices, NO_NETWORK);
  const few: AnyTask = { ...task, source: sourceOf(examples) };
  await work(
    few,
    examples.slice(0, 3).map((example) => example.input),
  );
}

/** Every task must keep these clauses, in a small network of its own. */
export const taskContract = tensorContractOf<TaskSubject>('task', {
  'goes on from its saved state, if it acts with the network': async ({ task }) => {
    await task.source.open?.();
    if (task.source.lockStep === true) await checkActing(task);
  },

  'learns: its loss falls on the same few examples': (subject) =>
    withFewExamples(subject, (few) =>
      withNetwork(few, async (network) => {
        const { steps } = subject;
        const losses = await lossesOf(network, few, {
          steps,
          batch: BATCH,
          optimizer: adam({ learningRate: 3e-3 }),
        });
        // What acts may have met no reward in so few steps: then nothing of them is to be learned.
        const nothing = subject.task.source.lockStep === true && losses.every((loss) => loss === 0);
        assert.ok(
          nothing || losses.at(-1)! < losses[0]!,
          `the loss on the same ${BATCH} examples must fall: ${losses[0]} at first, ${losses.at(-1)} after ${steps} steps`,
        );
      }),
    ),

  'evaluates and predicts': (subject) =>
    withFewExamples(subject, (few, inputs) =>
      withNetwork(few, async (network) => {
        const metrics = await evaluate(network);
        assert.ok(Number.isFinite(metrics[few.name]!.loss), 'evaluate must give a finite loss');
        const predictions = await network.predict(few, inputs);
        assert.equal(predictions.length, inputs.length, 'predict must give one prediction an input');
      }),
    ),

  'computes the same in a graph': (subject) =>
    withFewExamples(subject, (few, inputs) => assertSameInGraph(few, inputs, BATCH)),

  'survives save and load': (subject) =>
    withFewExamples(subject, (few, inputs) => assertSurvivesSaving(few, inputs, BATCH)),
});

/**
 * Checks what every task must keep (`taskContract.clauses`), in a small network of its own: it trains (the loss falls on the same few
 * examples), evaluates, predicts, gives the same as a graph, and saves and loads to the same bits; no tensor is left. `steps`:
 * updates to take, default 20.
 */
export async function runTaskContract(task: AnyTask, options: { readonly steps?: number } = {}): Promise<void> {
  const { steps = 20 } = options;
  await runContract(taskContract, { task, steps });
}

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { evaluate } from '../evaluate/index.ts';
import { createNetwork, Network } from '../network/index.ts';
import { adam, constantSchedule } from '../optimise/index.ts';
import { NO_NETWORK, type SourceContext } from '../task/source.ts';
import type { AnyTask } from '../task/task.ts';
import type { StepEvent } from '../train/index.ts';
import { train } from '../train/index.ts';
import { transformerTrunk } from '../trunk/index.ts';
import { checkDisplay } from './display.ts';
import { numbersOf, roundTrip } from './round-trip.ts';
import { withoutLeak } from './test-context.ts';

const BATCH = 8;

/** Examples of a source that acts with the network; its state must survive `state`, `restore` and `play`. */
async function readActing(task: AnyTask, indices: readonly number[]) {
  const network = await createNetwork({
    trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
    tasks: [task],
    seed: 1,
  });
  const taken = new Set<string>();
  const context: SourceContext = {
    step: 0,
    seed: 0,
    signal: new AbortController().signal,
    predict: (name, inputs, { weights } = {}) => {
      assert.ok(weights === undefined || taken.has(weights), `snapshot "${weights}" must be taken before it predicts`);
      return network.outputs(name, inputs);
    },
    snapshot: async (name) => {
      taken.add(name);
    },
  };
  const read = () => task.source.read('training', indices, context);
  await read();
  const given = task.source.state?.() ?? null;
  const before = numbersOf(given);
  const state = roundTrip(given);
  const few = await read();
  assert.deepEqual(
    numbersOf(given),
    before,
    'numbers that a source gave as its state must not change when it reads on',
  );
  if (state !== null) {
    task.source.restore?.(state);
    assert.deepEqual(await read(), few, 'a source put into a state must give the same examples as after it');
  }
  if (task.source.demonstrate !== undefined) {
    const state = roundTrip(task.source.state?.() ?? null);
    const { display, words } = await task.source.demonstrate(1, context);
    checkDisplay(display, 'demonstrate()');
    assert.ok(words.length > 0, 'demonstrate() must say how it ended');
    assert.deepEqual(
      (await task.source.demonstrate(1, context)).display,
      display,
      'demonstrate() must show the same again',
    );
    assert.deepEqual(
      task.source.state?.() ?? null,
      state,
      'demonstrate() must leave the state of the source as it was',
    );
  }
  network.dispose();
  return few;
}

/**
 * What every task must keep, in a small network of its own: it trains (the loss falls on the same few examples), evaluates,
 * predicts, and saves and loads to the same bits; no tensor is left. `steps`: updates to take, default 20.
 */
export async function runTaskContract(task: AnyTask, options: { readonly steps?: number } = {}): Promise<void> {
  const { steps = 20 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'banyan-contract-'));
  await withoutLeak(`task "${task.name}"`, async () => {
    await task.source.open?.();
    const count = task.source.counts.training;
    const indices = Array.from({ length: BATCH }, (_, i) => i % count);
    const few =
      task.source.lockStep === true
        ? await readActing(task, indices)
        : await task.source.read('training', indices, NO_NETWORK);
    const counts = { training: BATCH, validation: BATCH, test: 0 };
    const source = { counts, read: (_: unknown, indices: readonly number[]) => indices.map((i) => few[i]!) };
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      tasks: [{ ...task, source } as AnyTask],
      seed: 1,
    });

    const options = {
      steps,
      batch: BATCH,
      optimizer: adam({ learningRate: 3e-3 }),
      schedule: constantSchedule(),
      seed: 1,
    };
    const events = await lastValueFrom(train(network, options).pipe(toArray()));
    const losses = events
      .filter((event): event is StepEvent => event.kind === 'step')
      .flatMap((event) => event.losses[task.name] ?? []);
    assert.ok(
      losses.at(-1)! < losses[0]!,
      `the loss on the same ${BATCH} examples must fall: ${losses[0]} at first, ${losses.at(-1)} after ${steps} steps`,
    );

    const metrics = await evaluate(network);
    assert.ok(Number.isFinite(metrics[task.name]!.loss), 'evaluate must give a finite loss');
    const inputs = few.slice(0, 3).map((example) => example.input);
    const predictions = await network.predict(task.name, inputs);
    assert.equal(predictions.length, inputs.length, 'predict must give one prediction an input');

    await network.save(join(folder, 'saved'));
    const loaded = await Network.load(join(folder, 'saved'), { tasks: [task] });
    assert.deepEqual(
      await loaded.predict(task.name, inputs),
      predictions,
      'a loaded network must predict the same to the bit',
    );
    loaded.dispose();
    network.dispose();
  });
  await rm(folder, { recursive: true, force: true });
}

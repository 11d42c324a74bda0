// Whatever columns a network has: adding, training, pruning, saving and loading later ones changes no old output by a bit.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import {
  type AnyTask,
  adam,
  type ColumnOptions,
  constantSchedule,
  convTrunk,
  createNetwork,
  defineTask,
  denseTrunk,
  Network,
  type Source,
  type StemContext,
  type StepEvent,
  stackedTrunk,
  type Trunk,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { RandomStream } from '../../src/plugin.ts';
import { headOf } from '../fixtures.ts';

const MODALITIES = { point: 1, row: 3, field: 6 } as const;
type Modality = keyof typeof MODALITIES;
const EXAMPLES = 8;

const rawOf = (name: string) => {
  const random = new RandomStream(1, name);
  return Array.from({ length: EXAMPLES }, () => Array.from({ length: 12 }, () => random.normal()));
};

/** A number to be guessed from twelve numbers, which come in as so many tokens. */
function taskOf(name: string, modality: Modality, masked: boolean): AnyTask {
  const positions = MODALITIES[modality];
  const size = 12 / positions;
  const random = new RandomStream(2, name);
  const weights = Array.from({ length: 12 }, () => random.normal());
  const examples = rawOf(name).map((input) => ({
    input: input as readonly number[],
    target: input.reduce((sum, x, i) => sum + x * weights[i]!, 0),
  }));
  const source: Source<readonly number[], number> = {
    counts: { training: EXAMPLES, validation: EXAMPLES, test: 0 },
    read: (_, indices) => indices.map((i) => examples[i]!),
  };
  return defineTask({
    name,
    stem: (context: StemContext) => {
      const kernel = context.variable('kernel', [size, context.width], 'glorotNormal');
      return {
        modality,
        inputShape: [positions, size],
        prepare: (raw: readonly number[]) => Float32Array.from(raw),
        forward: (batch: tf.Tensor) => {
          const rows = batch.reshape([-1, size]).matMul(kernel as tf.Tensor);
          const tokens = rows.reshape([-1, positions, context.width]) as tf.Tensor3D;
          if (!masked || positions === 1) return tokens;
          const mask = tf.ones([tokens.shape[0], positions - 1]).concat(tf.zeros([tokens.shape[0], 1]), 1);
          return { tokens, mask: mask as tf.Tensor2D };
        },
      };
    },
    head: (context) => headOf(context),
    source,
  });
}

const KINDS: Readonly<Record<string, (width: number, depth: number) => Trunk>> = {
  transformer: (width, depth) => transformerTrunk({ width, depth, heads: 2, dropout: 0.1 }),
  conv: (width, depth) => convTrunk({ width, depth, kernel: 3, dropout: 0.1 }),
  dense: (width, depth) => denseTrunk({ width, depth }),
  stacked: (width, depth) =>
    stackedTrunk(
      ...Array.from({ length: depth }, (_, i) =>
        i % 2 === 0 ? denseTrunk({ width, depth: 1 }) : transformerTrunk({ width, depth: 1, heads: 1 }),
      ),
    ),
};

const columnPlan = fc.record({
  kind: fc.constantFrom(...Object.keys(KINDS)),
  width: fc.constantFrom(4, 6, 8),
  modalities: fc.array(fc.constantFrom(...(Object.keys(MODALITIES) as Modality[])), { minLength: 1, maxLength: 2 }),
  masked: fc.boolean(),
  laterals: fc.constantFrom('nonlinear' as const, 'linear' as const, 'none' as const),
});
const networkPlan = fc.record({
  depth: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer({ min: 0, max: 1000 }),
  columns: fc.array(columnPlan, { minLength: 2, maxLength: 3 }),
  keep: fc.constantFrom(0, 0.3, 0.7),
});

/** Trains until the loss has fallen; full batches of the same few examples, so that it must. */
async function learns(network: Network, seed: number): Promise<void> {
  const part = `column-${network.columns.length - 1}`;
  const values = () =>
    internals(network)
      .body.store.of(part)
      .map(({ tensor }) => [...tensor.dataSync()]);
  const before = values();
  const optimizer = adam({ learningRate: 3e-3 });
  const training = train(network, { steps: 12, batch: EXAMPLES, seed, optimizer, schedule: constantSchedule() });
  const events = await lastValueFrom(training.pipe(toArray()));
  const losses = events
    .filter((event): event is StepEvent => event.kind === 'step')
    .map(({ losses: each }) => Object.values(each).reduce<number>((a, b) => a + b!, 0));
  const mean = (of: readonly number[]) => of.reduce((a, b) => a + b) / of.length;
  expect(mean(losses.slice(-3))).toBeLessThan(mean(losses.slice(0, 3)));
  const after = values();
  expect(after.some((numbers, i) => String(numbers) !== String(before[i]))).toBe(true);
}

const outputsOf = (network: Network, tasks: readonly AnyTask[]) =>
  Promise.all(tasks.map((task) => network.predict(task, rawOf(task.name))));

it('no old output changes by a bit', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(networkPlan, async ({ depth, seed, columns, keep }) => {
      const built = columns.map(
        ({ kind, width, modalities, masked, laterals }, c): Required<ColumnOptions> => ({
          trunk: KINDS[kind]!(width, depth),
          tasks: modalities.map((modality, i) => taskOf(`t${c}-${i}`, modality, masked)),
          // Nothing else is possible there, of which it would warn.
          laterals: depth === 1 ? 'none' : laterals,
          plugins: [],
        }),
      );
      const tasks = built.flatMap((column) => column.tasks);
      const [first, ...later] = built;
      let network: Network = await createNetwork({ trunk: first!.trunk, tasks: first!.tasks, seed });
      try {
        await learns(network, seed);
        let old = first!.tasks;
        for (const column of later) {
          const before = await outputsOf(network, old);
          await network.addColumn(column);
          expect(await outputsOf(network, old)).toEqual(before);
          await learns(network, seed);
          expect(await outputsOf(network, old)).toEqual(before);
          if (network.columns.at(-1)!.adapters.length > 0) await network.pruneLaterals({ keep });
          expect(await outputsOf(network, old)).toEqual(before);
          old = [...old, ...column.tasks];
        }
        const before = await outputsOf(network, tasks);
        const dir = join(await mkdtemp(join(tmpdir(), 'banyan-grown-')), 'saved');
        await network.save(dir);
        const shape = network.columns;
        network.dispose();
        network = await Network.load(dir, { tasks });
        expect(network.columns).toEqual(shape);
        expect(await outputsOf(network, tasks)).toEqual(before);
      } finally {
        network.dispose();
      }
    }),
    { numRuns: 10, seed: 5, endOnFailure: true },
  );
});

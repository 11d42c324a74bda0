// Steps of several text tasks, whose batches have lengths of their own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import { classifier, tokenStem, wordVocabulary } from 'banyan-ml/heads/text';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  createNetwork,
  defineTask,
  denseTrunk,
  type Network,
  resume,
  type TrainingEvent,
  type TrainOptions,
  type Trunk,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { BufferPool, internals, padPass, passesOf, preparePass, toTensor } from '../../src/network/index.ts';
import { RandomStream } from '../../src/plugin.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { roundRobin } from '../../src/sample/index.ts';

const { compiled } = await startRuntime();

const WORDS = ['good', 'bad', 'so', 'so-so'];
const sentence = (random: RandomStream) =>
  Array.from({ length: 1 + random.integer(32) }, () => WORDS[random.integer(WORDS.length)]).join(' ');

function textTask(name: string) {
  const random = new RandomStream(1, name);
  const inputs = Array.from({ length: 200 }, () => sentence(random));
  return defineTask({
    name,
    stem: tokenStem({ vocabulary: wordVocabulary(WORDS), length: 32, dropout: 0.1 }),
    head: classifier({ classes: 2 }),
    source: arraySource({
      inputs,
      targets: inputs.map((text) => Number(text.startsWith('good'))),
      validation: 0.2,
    }),
  });
}

const attention = transformerTrunk({ width: 8, depth: 1, heads: 2 });
const build = (names: readonly string[], trunk: Trunk = attention) =>
  createNetwork({ trunk, tasks: names.map(textTask), seed: 1 }) as unknown as Promise<Network>;

/** Names of the graphs that came into being in each step. */
async function compilations(network: Network, options: TrainOptions): Promise<string[][]> {
  const known = new Set<string>();
  const fresh: string[][] = [];
  await lastValueFrom(
    train(network, options).pipe(
      tap((event) => {
        if (event.kind !== 'step') return;
        const names = internals(network).body.runner.graphs.map(({ name }) => name);
        fresh.push(names.filter((name) => !known.has(name)));
        for (const name of names) known.add(name);
      }),
    ),
  );
  return fresh;
}

const losses = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.kind === 'step' ? [event.losses] : []));
const weights = (network: Network) =>
  internals(network)
    .body.store.all()
    .map((v) => [v.name, [...v.tensor.dataSync()]]);
const names = ['a', 'b', 'c', 'd'];

describe('several text tasks', () => {
  it.skipIf(!compiled).each([
    ['a step', {}, 8],
    ['a step in parts', { accumulate: 2 }, 16],
    ['a step in halves', { balance: 'pcgrad' }, 10],
  ] satisfies [string, Partial<TrainOptions>, number][])('need few graphs for %s', async (_, options, most) => {
    const network = await build(names, denseTrunk({ width: 8, depth: 1 }));
    const fresh = await compilations(network, { steps: 120, batch: 2, ...options });
    expect(fresh.flat().length).toBeLessThanOrEqual(most);
    expect(fresh.flat().length).toBeGreaterThan(most / 2);
    expect(fresh.slice(100).filter((graphs) => graphs.length > 0).length).toBeLessThanOrEqual(1);
    network.dispose();
  });

  it.each<[string, Partial<TrainOptions>]>([
    ['all in each step', {}],
    ['three a step', { sampler: roundRobin({ tasks: 3 }) }],
  ])('end with the same bits when they were interrupted: %s', async (_how, given) => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-lengths-'));
    const options: TrainOptions = { steps: 14, batch: 2, seed: 3, checkpoint: { every: 50, folder }, ...given };
    const whole = await build(names);
    const { checkpoint: _, ...alone } = options;
    const told = await lastValueFrom(train(whole, alone).pipe(toArray()));

    const interrupted = await build(names);
    await lastValueFrom(
      train(interrupted, { ...options, stop: (event) => event.kind === 'step' && event.step === 9 }).pipe(toArray()),
    );
    interrupted.dispose();
    const resumed = await build(names);
    const rest = await lastValueFrom(resume(resumed, folder, options).pipe(toArray()));
    expect(losses(rest)).toEqual(losses(told).slice(9));
    expect(weights(resumed)).toEqual(weights(whole));
    whole.dispose();
    resumed.dispose();
    rmSync(folder, { recursive: true });
  });

  it('have the same losses and gradients at every length that holds the batch', async () => {
    const network = await build(['a']);
    const { body } = internals(network);
    const [pass] = passesOf(body.tasks);
    const [task] = pass!.tasks;
    const examples = ['good', 'so good so bad', 'bad bad so'].map((input, target) => ({ input, target: target % 2 }));
    const prepared = preparePass(pass!, examples);
    expect(prepared.inputs.level).toBe(0);
    const at = (level: number) =>
      tf.tidy(() => {
        const { inputs, labels } = padPass(prepared, level, new BufferPool());
        const { value, grads } = tf.variableGrads(() => {
          const target = toTensor(labels[0]!.target);
          const output = body.output(task!, body.encode(pass!, inputs.map(toTensor), false), target);
          return body.loss(task!, output, target).mean() as tf.Scalar;
        });
        const numbers = [value, ...Object.values(grads)].flatMap((tensor) => [...tensor.dataSync()]);
        return { length: inputs[0]!.shape[1], numbers };
      });
    const shortest = at(0);
    expect([0, 1, 2, 3].map((level) => at(level).length)).toEqual([8, 16, 24, 32]);
    for (const level of [1, 2, 3]) {
      const longer = at(level).numbers;
      for (const [i, number] of shortest.numbers.entries()) {
        // The rows of positions beyond a batch are no part of its gradient.
        expect(Math.abs(longer[i]! - number)).toBeLessThan(1e-6);
      }
    }
    network.dispose();
  });
});

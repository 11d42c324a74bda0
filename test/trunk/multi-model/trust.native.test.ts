// A network that writes, with mixtures of experts: what is interrupted, frozen or grown stays what it was, to the bit.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNetwork, internals, type Network, passOf } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { roundRobin } from '../../../src/sample/index.ts';
import type { AnyTask } from '../../../src/task/index.ts';
import { resume, type StepEvent, type TrainOptions, train } from '../../../src/train/index.ts';
import { multiModelTrunk, type Trunk, transformerTrunk } from '../../../src/trunk/index.ts';
import { inTurn } from '../../in-turn.ts';
import { END, inputs, LONGEST, reversing, sorting } from '../../network/writers.ts';
import { temporaryFolder } from '../../repository.ts';

const { compiled } = await startRuntime();
const modes = compiled ? (['graph', 'eager'] as const) : (['eager'] as const);
const place = temporaryFolder();

const size = { width: 16, encoder: 1, mixer: 1, decoder: 1, experts: 4, k: 2, heads: 2 };
const convolutions = multiModelTrunk(size);
const transformer = multiModelTrunk({ ...size, form: 'transformer' });
const shape = { batch: 8, seed: 2 } as const;
const examples = inputs.slice(0, 12);

const build = (tasks: readonly AnyTask[] = [reversing, sorting], trunk: Trunk = convolutions) =>
  createNetwork({ trunk, tasks: [...tasks], seed: 2 }) as Promise<Network>;

async function stepsOf(network: Network, options: Partial<TrainOptions>): Promise<StepEvent[]> {
  const events = await lastValueFrom(train(network, { ...shape, ...options } as TrainOptions).pipe(toArray()));
  return events.filter((event): event is StepEvent => event.kind === 'step');
}

const weightsOf = (network: Network, part = '') =>
  internals(network)
    .body.store.all()
    .filter(({ name }) => name.startsWith(part))
    .map(({ name, tensor }) => [name, [...tensor.dataSync()]] as const);

/** The scores of a writing task where each position sees the right symbols before it. */
async function forced(network: Network, name: string, compile: 'eager' | 'graph' = 'eager'): Promise<number[]> {
  const { body } = internals(network);
  const task = body.task(name);
  const rows = examples.map((digits) => Array.from({ length: LONGEST }, (_, i) => digits[i] ?? 0));
  const written = examples.map((digits) => [...digits, END, ...Array(LONGEST).fill(0)].slice(0, LONGEST + 1));
  const whole = (values: readonly (readonly number[])[]) => ({
    shape: [values.length, values[0]!.length],
    dtype: 'int32' as const,
    values: Int32Array.from(values.flat()),
  });
  const { scores } = await body.compute(
    {
      kind: 'evaluate',
      key: [name],
      inputs: [whole(rows), whole(written)],
      trace: ([read, target]) => ({
        scores: body.output(task, body.encode(passOf(task), [read!], false), target!) as tf.Tensor,
      }),
    },
    compile,
  );
  return [...scores!.values];
}

describe.each(modes)('a training with experts and heads that write (%s)', (compile) => {
  const cases = [
    ['convolutions, one task a step', convolutions, { sampler: roundRobin() }],
    ['a transformer, all tasks in a step', transformer, {}],
    ['a transformer, one task a step', transformer, { sampler: roundRobin() }],
    ['convolutions, all tasks in a step', convolutions, {}],
  ] as const;
  const all = process.env.BANYAN_ALL === '1' ? cases : cases.slice(0, 2);
  it.each(inTurn(all, compile, modes))('goes on to the same bits wherever it ended: %s', async (_, trunk, how) => {
    const options = { ...shape, ...how, compile, steps: 5 };
    const whole = await build(undefined, trunk);
    const steps = await stepsOf(whole, options);
    const checkpoint = { every: 100, folder: mkdtempSync(join(place, 'cut-')) };
    const [cut, again] = [await build(undefined, trunk), await build(undefined, trunk)];
    await stepsOf(cut, { ...options, checkpoint, stop: ({ step }) => step === 2 });
    const events = await lastValueFrom(
      resume(again, checkpoint.folder, { ...options, checkpoint } as TrainOptions).pipe(toArray()),
    );
    const told = (event: StepEvent) => [event.step, event.losses, event.auxiliary];
    const rest = events.flatMap((event) => (event.kind === 'step' ? [told(event)] : []));
    expect(rest).toEqual(steps.slice(2).map(told));
    for (const { auxiliary } of steps) expect(auxiliary).toBeGreaterThan(0);
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    for (const network of [whole, cut, again]) network.dispose();
  });
});

describe('a column beside a network with experts and heads that write', () => {
  const plain = transformerTrunk({ width: 12, depth: 2, heads: 2, decoder: 1 });
  it.each([
    ['of the same trunk', undefined, 'graph'],
    ['of a transformer', plain, 'eager'],
  ] as const)('%s learns to write, and the frozen task keeps its symbols and scores', async (_, trunk, mode) => {
    const compile = compiled ? mode : 'eager';
    const network = await build([reversing]);
    await stepsOf(network, { steps: 2, compile });
    const before = {
      written: await network.predict('backwards', examples, { compile }),
      scores: await forced(network, 'backwards', compile),
      weights: weightsOf(network),
    };
    await network.addColumn({ tasks: [sorting] as never, ...(trunk === undefined ? {} : { trunk }) });
    const steps = await stepsOf(network, { steps: 2, compile });
    // The experts of the new column are told how evenly they are used, the frozen ones are not.
    for (const { auxiliary } of steps) expect((auxiliary ?? 0) > 0).toBe(trunk === undefined);
    const names = new Set(before.weights.map(([name]) => name));
    expect(weightsOf(network).filter(([name]) => names.has(name))).toEqual(before.weights);
    expect(await network.predict('backwards', examples, { compile })).toEqual(before.written);
    expect(await forced(network, 'backwards', compile)).toEqual(before.scores);
    expect(await network.predict('sorted', examples, { compile })).toHaveLength(examples.length);

    network.dispose();
  });

  it('is refused where its trunk has no blocks that write, or another depth', async () => {
    const network = await build([reversing]);
    const refused = (trunk: Trunk) => expect(network.addColumn({ tasks: [sorting] as never, trunk })).rejects;
    await refused(transformerTrunk({ width: 12, depth: 2, heads: 2 })).toThrow(
      'Task "sorted": its head writes, and the trunk of kind "transformer" has no blocks that do. Expected a trunk with a decoder. Give it one, for instance by `decoder` of transformerTrunk.',
    );
    await refused(multiModelTrunk({ ...size, encoder: 2 })).toThrow(
      'addColumn: trunk has depth 3, expected 2, that of the first column: a block hears the blocks before its own depth. Give it that depth.',
    );
    // Refused without a trace.
    await stepsOf(network, { steps: 1, compile: 'eager' });
    expect(await network.predict('backwards', examples)).toHaveLength(examples.length);
    network.dispose();
  });
});

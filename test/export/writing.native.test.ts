// A head that writes, as a program without this framework uses it: the loop of docs/export.md, by each runtime.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputsBy } from '../../src/export/by-runtime.ts';
import { examplesOf } from '../../src/export/examples.ts';
import type { Opened } from '../../src/export/formats/format.ts';
import { FORMATS } from '../../src/export/formats/formats.ts';
import { type NetworkGraph, networkGraph } from '../../src/export/graph/network-graph.ts';
import { exportNetwork } from '../../src/export/index.ts';
import { adamW, createNetwork, multiModelTrunk, train } from '../../src/index.ts';
import { internals, type Network } from '../../src/network/index.ts';
import { type HostTensor, startRuntime } from '../../src/runtime/index.ts';
import { END, inputs, LONGEST, reversing, sorting, trunk } from '../network/writers.ts';
import { temporaryFolder } from '../repository.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
const examples = inputs.filter(({ length }) => length === LONGEST).slice(0, 5);
let network: Network;
beforeAll(async () => {
  network = (await createNetwork({ trunk, tasks: [reversing], seed: 2 })) as Network;
  const options = { steps: 60, batch: 32, seed: 1, optimizer: adamW({ learningRate: 0.003 }) };
  await lastValueFrom(train(network, options));
});
afterAll(() => network.dispose());

/** Writes symbols position by position, each sample until its end. */
async function written(
  opened: Opened,
  { signatures: [read, write] }: NetworkGraph,
  input: HostTensor,
): Promise<number[][]> {
  // A column reads the examples by the stem of each column before it as well.
  const [tokens, mask] = await opened.run(
    read!,
    read!.inputs.map(() => input),
  );
  const [samples, longest] = [input.shape[0]!, LONGEST + 1];
  const symbols = new Int32Array(samples * longest);
  for (let position = 0; position < longest; position++) {
    const sofar = { shape: [samples, longest], dtype: 'int32', values: symbols } as const;
    const [scores] = await opened.run(write!, [tokens!, mask!, sofar]);
    const count = scores!.shape[2]!;
    for (let i = 0; i < samples; i++) {
      const from = (i * longest + position) * count;
      const row = [...scores!.values.subarray(from, from + count)];
      symbols[i * longest + position] = row.indexOf(Math.max(...row.slice(1)), 1);
    }
  }
  return Array.from({ length: samples }, (_, i) => {
    const row = [...symbols.subarray(i * longest, (i + 1) * longest)];
    return row.includes(END) ? row.slice(0, row.indexOf(END)) : row;
  });
}

describe.skipIf(!compiled)('a head that writes, exported', () => {
  it('of experts, frozen under a column, writes what it wrote before there was a column, and so does the column', async () => {
    const size = { width: 16, encoder: 1, mixer: 1, decoder: 1, experts: 4, k: 2, heads: 2 };
    const grown = (await createNetwork({ trunk: multiModelTrunk(size), tasks: [reversing], seed: 2 })) as Network;
    const options = { batch: 32, seed: 1, optimizer: adamW({ learningRate: 0.01 }) };
    await lastValueFrom(train(grown, { ...options, steps: 40 }));
    const before = await grown.predict(reversing.name, examples as never);
    await grown.addColumn({ tasks: [sorting] as never });
    await lastValueFrom(train(grown, { ...options, steps: 10 }));
    const format = FORMATS.find(({ converts }) => !converts)!;
    const out = join(folder, 'grown');
    const tasks = [reversing.name, sorting.name];
    await exportNetwork(grown, {
      format: format.kind,
      out,
      examples: Object.fromEntries(tasks.map((name) => [name, examples])),
    });
    const { body } = internals(grown);
    const graph = await networkGraph(
      body,
      await Promise.all(tasks.map((name) => examplesOf(body, body.task(name), examples))),
    );
    const opened = (await format.open(out, graph))!;
    const input = { shape: [5, LONGEST], dtype: 'int32', values: Int32Array.from(examples.flat()) } as const;
    const after = await grown.predict(sorting.name, examples as never);
    for (const [i, expected] of [before, after].entries()) {
      const signatures = graph.signatures.slice(2 * i, 2 * i + 2);
      expect(await written(opened, { ...graph, signatures }, input)).toEqual(expected);
    }
    await opened.dispose();
    // Something was learned: not all are written alike.
    expect(new Set((before as number[][]).map(String)).size).toBeGreaterThan(1);
    grown.dispose();
  });

  it.each(FORMATS.filter(({ converts }) => !converts))('$kind: writes what the network writes', async (format) => {
    const out = join(folder, format.kind);
    const report = await exportNetwork(network, {
      format: format.kind,
      out,
      examples: { [reversing.name]: examples },
    });
    expect(report.functions.map(({ name, inputs, outputs }) => [name, inputs.length, outputs.length])).toEqual([
      ['backwards.read', 1, 2],
      ['backwards.write', 3, 1],
    ]);
    const { tasks } = JSON.parse(readFileSync(join(out, 'banyan-export.json'), 'utf8'));
    expect(tasks[0].writes).toEqual({ end: END, longest: LONGEST + 1 });
    const { body } = internals(network);
    const graph = await networkGraph(body, [await examplesOf(body, body.task(reversing.name), examples)]);
    const opened = (await format.open(out, graph))!;
    const input = { shape: [5, LONGEST], dtype: 'int32', values: Int32Array.from(examples.flat()) } as const;
    const expected = await network.predict(reversing.name, examples as never);
    expect(await written(opened, graph, input)).toEqual(expected);
    // So it is measured where a converter has changed the numbers.
    const task = body.task(reversing.name);
    const { outputs } = await examplesOf(body, task, examples);
    expect(await outputsBy(opened, task, graph.signatures, [input])).toEqual(outputs);
    // Of several lengths: something was learned.
    expect(new Set((expected as number[][]).map(String)).size).toBeGreaterThan(1);
    await opened.dispose();
  });
});

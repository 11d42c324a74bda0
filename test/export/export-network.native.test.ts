import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExport } from '../../src/export/check.ts';
import { examplesOf } from '../../src/export/examples.ts';
import { networkGraph } from '../../src/export/graph/network-graph.ts';
import { exportNetwork } from '../../src/export/index.ts';
import { createNetwork, defineTask, denseTrunk, type HeadContext } from '../../src/index.ts';
import { internals, type Network } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { inputs, NumberHead, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const { compiled, tensorflow } = await startRuntime();
const folder = temporaryFolder();
let network: Network;
beforeAll(async () => {
  const tasks = [numbersTask('sum'), numbersTask('other', (x) => x[0]! - x[1]!)];
  network = (await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks, seed: 1 })) as Network;
});
afterAll(() => network.dispose());

const compact = (numbers: readonly number[]) => ({
  dtype: 'float32',
  base64: Buffer.from(Float32Array.from(numbers).buffer).toString('base64'),
});

describe.skipIf(!compiled)('exportNetwork', () => {
  it('makes a folder with its report: functions by name, and who has checked them', async () => {
    const out = join(folder, 'all');
    const report = await exportNetwork(network, { format: 'saved-model', out });
    expect(readdirSync(out).sort()).toEqual(['banyan-export.json', 'banyan_export.py', 'saved_model.pb']);
    const { tasks, ...written } = JSON.parse(readFileSync(join(out, 'banyan-export.json'), 'utf8'));
    expect(written).toEqual(report);
    expect(tasks).toHaveLength(2);
    const described = {
      inputs: [{ name: 'input', shape: [-1, 4], dtype: 'float32' }],
      outputs: [{ name: 'output', shape: [-1, 1], dtype: 'float32' }],
      difference: expect.any(Number),
      milliseconds: expect.any(Number),
    };
    expect(report).toEqual({
      format: 'saved-model',
      bytes: readFileSync(join(out, 'saved_model.pb')).length,
      checkedBy: `TensorFlow ${tensorflow}`,
      functions: [
        { name: 'sum', task: 'sum', ...described },
        { name: 'other', task: 'other', ...described },
      ],
    });
  });

  it('tells what the functions do not do: settings, and examples raw, prepared and predicted', async () => {
    const out = join(folder, 'told');
    await exportNetwork(network, { format: 'saved-model', out, tasks: ['sum'], examples: { sum: inputs.slice(0, 2) } });
    const { tasks } = JSON.parse(readFileSync(join(out, 'banyan-export.json'), 'utf8'));
    const predictions = await network.predict('sum', inputs.slice(0, 2));
    expect(tasks).toEqual([
      {
        name: 'sum',
        inputs: { input: { version: 1 } },
        head: { version: 1 },
        prepare: {},
        examples: inputs
          .slice(0, 2)
          .map((raw, i) => ({ raw, output: { output: compact([predictions[i]!]) }, prediction: predictions[i] })),
        prepared: {
          input: {
            shape: [2, 4],
            dtype: 'float32',
            values: compact(inputs.slice(0, 2).flat()),
          },
        },
      },
    ]);
  });

  it('holds the weights that tasks share once', async () => {
    const { body } = internals(network);
    const examples = [];
    for (const task of body.tasks) examples.push(await examplesOf(body, task, inputs.slice(0, 3)));
    const { graph, variables } = await networkGraph(body, examples);
    expect([...variables.keys()].sort()).toEqual(
      body.store
        .all()
        .map(({ name }) => `weights/${name}`)
        .sort(),
    );
    expect(graph.nodes.filter(({ name }) => variables.has(name))).toHaveLength(variables.size);
  });

  it('takes the tasks that are named, and the examples that are handed in', async () => {
    const out = join(folder, 'one');
    mkdirSync(out);
    const { functions } = await exportNetwork(network, {
      format: 'tfjs',
      out,
      tasks: ['other'],
      examples: { other: inputs.slice(3, 5) },
    });
    expect(functions.map(({ name }) => name)).toEqual(['other']);
    expect(readdirSync(out).sort()).toEqual([
      'banyan-export.json',
      'banyan_export.py',
      'model.json',
      'weights-1-of-1.bin',
    ]);
  });

  it('leaves what is there alone, and nothing behind where it fails', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    writeFileSync(join(out, 'mine'), '');
    await expect(exportNetwork(network, { format: 'tfjs', out })).rejects.toThrow(
      `${out} is there already, expected a folder that is not, or an empty one. Choose another, or remove it.`,
    );
    await expect(exportNetwork(network, { format: 'pickle' as 'tfjs', out: join(folder, 'x') })).rejects.toThrow(
      /^exportNetwork: format must be one of "saved-model", .*, received "pickle"\./,
    );
    await expect(exportNetwork(network, { format: 'tfjs', out: join(folder, 'x'), tasks: ['none'] })).rejects.toThrow(
      'There is no task "none" in this network.',
    );
    writeFileSync(join(folder, 'file'), '');
    await expect(exportNetwork(network, { format: 'tfjs', out: join(folder, 'file', 'x') })).rejects.toThrow(
      /file.*x cannot be written/,
    );
    class Dividing extends NumberHead {
      override forward(tokens: tf.Tensor3D): tf.Tensor2D {
        return super.forward(tokens).div(tf.scalar(tokens.shape[0]));
      }
    }
    const dividing = defineTask({ ...numbersTask('odd'), head: (context: HeadContext) => new Dividing(context) });
    const depending = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [dividing], seed: 1 });
    await expect(exportNetwork(depending, { format: 'tfjs', out: join(folder, 'x') })).rejects.toThrow(
      /^constant_\d+ depends on the size of the batch: a constant that differs\./,
    );
    depending.dispose();
    expect(readdirSync(folder).sort()).toEqual(['all', 'file', 'full', 'one', 'told']);
  });

  it('refuses a runtime that gives other numbers, or none', async () => {
    const { body } = internals(network);
    const examples = [await examplesOf(body, body.task('sum'), inputs.slice(0, 3))];
    const graph = await networkGraph(body, examples);
    const opened = (numbers: readonly number[]) => ({
      runtime: 'a runtime',
      run: async () => [{ shape: [3, 1], dtype: 'float32', values: Float32Array.from(numbers) } as const],
      dispose: () => {},
    });
    const expected = examples[0]!.outputs.map((output) => (output as Float32Array)[0]!);
    await expect(checkExport(body, graph, opened(expected), examples)).resolves.toEqual(
      new Map([['sum', { difference: 0, milliseconds: expect.any(Number) }]]),
    );
    const off = expected.map((number) => number + 1e-4 * Math.max(...expected.map(Math.abs)));
    await expect(checkExport(body, graph, opened(off), examples)).rejects.toThrow(
      /"sum" gives other numbers by a runtime than the network: they differ by 0\.0001\d* of the largest one, expected at most 0\.00001\. Nothing was exported/,
    );
    const failing = { ...opened([]), run: () => Promise.reject(new Error('it knows no such operation')) };
    await expect(checkExport(body, graph, failing, examples)).rejects.toThrow(
      '"sum" cannot be run by a runtime: it knows no such operation. Nothing was exported;',
    );
    const lost = expected.map((number, i) => (i === 1 ? Number.NaN : number));
    await expect(checkExport(body, graph, opened(lost), examples)).rejects.toThrow('they differ by NaN');
  });
});

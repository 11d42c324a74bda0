// With TensorFlow's converter where `banyan setup --tflite` has installed it; what is done about its numbers with a converter of our own.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examplesOf } from '../../../src/export/examples.ts';
import type { Conversion, Format, Opened } from '../../../src/export/formats/format.ts';
import { withFiniteMasks } from '../../../src/export/formats/tflite/finite-masks.ts';
import { constantNode, tensorOf } from '../../../src/export/graph/graph-def.ts';
import { type NetworkGraph, networkGraph } from '../../../src/export/graph/network-graph.ts';
import { contentOf, realsOf } from '../../../src/export/graph/tensor.ts';
import { exportNetwork } from '../../../src/export/index.ts';
import { convertSmall } from '../../../src/export/quantise/by-converter.ts';
import { createNetwork, denseTrunk } from '../../../src/index.ts';
import { internals, measure, type Network } from '../../../src/network/index.ts';
import { findSideCar, type HostTensor, startRuntime, TFLITE } from '../../../src/runtime/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { temporaryFolder } from '../../repository.ts';

const { compiled } = await startRuntime();
// Some seconds for each function: by the switch of all that asks Python.
const installed = process.env.BANYAN_TENSORFLOW_PYTHON !== undefined && findSideCar(TFLITE) !== undefined;
const folder = temporaryFolder();
let network: Network;
beforeAll(async () => {
  const tasks = [numbersTask('sum'), numbersTask('other', (x) => x[0]! - x[1]!)];
  network = (await createNetwork({ trunk: denseTrunk({ width: 64, depth: 2 }), tasks, seed: 1 })) as Network;
});
afterAll(() => network.dispose());

describe.skipIf(!compiled || !installed)("a network for phones, by TensorFlow's converter", () => {
  it('is checked by LiteRT: with float32 as every form, in 8 bits by what the tasks lose', {
    timeout: 900_000,
  }, async () => {
    const out = join(folder, 'whole');
    const whole = await exportNetwork(network, { format: 'tflite', out, tasks: ['sum'] });
    expect(readdirSync(out).sort()).toEqual(['banyan-export.json', 'banyan_export.py', 'sum.tflite']);
    expect(whole.bytes).toBe(readFileSync(join(out, 'sum.tflite')).length);
    expect(whole.checkedBy).toMatch(/^LiteRT \d/);
    expect(whole.functions[0]!.difference).toBeLessThanOrEqual(1e-5);
    const small = { tasks: ['sum'], out: join(folder, 'small'), quantise: 'full-int8', mayLose: 0.5 } as const;
    const full = await exportNetwork(network, { format: 'tflite', ...small });
    expect(full.bytes).toBeLessThan(0.7 * whole.bytes);
    const { before, after } = full.changes!.sum!;
    expect(before).toBe((await measure(internals(network).body, { tasks: ['sum'] })).sum!['absolute-error']);
    expect(after).not.toBe(before);
    expect(Math.abs(after - before)).toBeLessThan(0.5 * before);
  });
});

it('says what is missing where the converter is not here, and leaves nothing', async () => {
  const before = process.env.BANYAN_CACHE;
  process.env.BANYAN_CACHE = mkdtempSync(join(folder, 'cache-'));
  try {
    const out = join(folder, 'none');
    await expect(exportNetwork(network, { format: 'tflite', out })).rejects.toThrow(
      "The form tflite is made by TensorFlow's converter with LiteRT, which is not here. `banyan setup --tflite` installs it.",
    );
    expect(existsSync(out)).toBe(false);
  } finally {
    if (before === undefined) delete process.env.BANYAN_CACHE;
    else process.env.BANYAN_CACHE = before;
  }
});

it('a mask of -1e9 becomes -30, and no weight does', () => {
  const tensor = (numbers: readonly number[]) => ({
    dtype: 1,
    shape: [numbers.length],
    content: contentOf(Float32Array.from(numbers)),
  });
  const nodes = [constantNode('mask', tensor([-1e9, 0])), constantNode('weights/w', tensor([-1e9, 2]))];
  const graph = { graph: { nodes, versions: new Uint8Array() }, variables: new Map([['weights/w', {}]]) };
  const { nodes: finite } = withFiniteMasks(graph as unknown as NetworkGraph).graph;
  expect(finite.map((node) => [...realsOf(tensorOf(node)!)])).toEqual([
    [-30, 0],
    [-1e9, 2],
  ]);
});

describe.skipIf(!compiled)('what loses too much in 8 bits', () => {
  /** Gives what the network gives; a function in 8 bits is off by `off`. */
  const formatWith = (off: Readonly<Record<string, number>>, written: string[][]): Format => {
    const forms = new Map<string, string>();
    const opened: Opened = {
      runtime: 'a runtime',
      run: async ({ name, task }, [input]) => {
        const { body } = internals(network);
        const { values, shape } = input as HostTensor;
        const raw = Array.from({ length: shape[0]! }, (_, i) => [...values.subarray(4 * i, 4 * i + 4)]);
        const { outputs } = await examplesOf(body, body.task(task), raw);
        const wrong = forms.get(name) === 'float16' ? 0 : off[name]!;
        const numbers = Float32Array.from(outputs, (output) => (output as Float32Array)[0]! + wrong);
        return [{ shape: [numbers.length, 1], dtype: 'float32', values: numbers }];
      },
      dispose: () => {},
    };
    return {
      kind: 'tflite',
      about: '',
      quantisations: [],
      missing: '',
      write: ({ signatures }, conversion) => {
        for (const { name } of signatures) forms.set(name, (conversion as Conversion).forms.get(name)!);
        written.push(signatures.map(({ name }) => `${name} ${forms.get(name)}`));
        return new Map();
      },
      open: async () => opened,
    };
  };
  const convert = async (off: Readonly<Record<string, number>>, mayLose: number, written: string[][]) => {
    const { body } = internals(network);
    const examples = [];
    for (const task of body.tasks) examples.push(await examplesOf(body, task, undefined));
    const graph = await networkGraph(body, examples);
    const limit = { quantise: 'int8', mayLose } as const;
    return convertSmall(body, formatWith(off, written), graph, examples, limit, async () => '');
  };

  it('is made again in float16, and it alone', async () => {
    const written: string[][] = [];
    const { forms, changes } = await convert({ sum: 0, other: 9 }, 0.01, written);
    expect(written).toEqual([['sum int8', 'other int8'], ['other float16']]);
    expect([...forms]).toEqual([
      ['sum', 'int8'],
      ['other', 'float16'],
    ]);
    const before = await measure(internals(network).body, { tasks: ['sum', 'other'] });
    for (const task of ['sum', 'other']) {
      const figure = before[task]!['absolute-error']!;
      expect(changes[task]!.before).toBe(figure);
      expect(changes[task]!.after).toBeCloseTo(figure, 6);
    }
  });

  it('stays where it may lose so much', async () => {
    const { forms, changes } = await convert({ sum: 0, other: 9 }, 1e9, []);
    expect(new Set(forms.values())).toEqual(new Set(['int8']));
    expect(changes.other!.after).toBeGreaterThan(5);
  });
});

// `banyan-export.mjs`: the stems and heads of every case, by the examples that an export has of them; and in a plain Node, beside an export.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { arraySource } from 'banyan-ml/data';
import * as table from 'banyan-ml/heads/table';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import { describe, expect, it } from 'vitest';
import { examplesOf, type TaskExamples } from '../../src/export/examples.ts';
import { inputsOf } from '../../src/export/graph/functions.ts';
import { exportNetwork, type ModuleAbility } from '../../src/export/index.ts';
import { compactNumbers, taskManifest } from '../../src/export/manifest.ts';
import { checkModule } from '../../src/export/module/check-module.ts';
import { moduleFile } from '../../src/export/module/module-file.ts';
import { type AnyTask, createNetwork, defineTask, denseTrunk, transformerTrunk } from '../../src/index.ts';
import { internals, type Network, readExamples } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { NO_NETWORK } from '../../src/task/source.ts';
import { numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';
import { cases } from '../runtime/capture/cases.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
const range = <T>(make: (i: number) => T): T[] => Array.from({ length: 8 }, (_, i) => make(i));

const SENTENCES = [
  'Where is my NEW card?',
  "don't stop",
  'Straße: ÉCOLE, cafe\u0301',
  '',
  '😀 ok',
  '東京に行く',
  'नमस्ते',
  '\ufeffa\u00adb',
];
const cells = range((i) => [i, 2 - i / 3] as const);
function statistics(columns: number, rows: readonly (readonly (number | undefined)[])[], quantiles = false) {
  const found = table.numberStatistics({ columns, quantiles });
  for (const row of rows) found.add(row);
  return found.result();
}
const days = range((i) => [i === 2 ? undefined : new Date(Date.UTC(2020 + i, i, 1 + i, i))]);
const halves = { targets: range((i) => i / 2), validation: 0 };

/** What no case has. */
const others = [
  defineTask({
    name: 'buffers',
    stem: vision.convStem({ height: 6, width: 5, channels: 1, filters: [4] }),
    head: vision.classifier({ classes: 2 }),
    source: arraySource({
      inputs: range((i) =>
        Buffer.from(Uint8Array.from({ length: 30 }, (_, at) => 7 * at + i)),
      ) as readonly Uint8Array[],
      targets: range((i) => i % 2),
      validation: 0,
    }),
  }),
  defineTask({
    name: 'byte-pairs',
    stem: text.tokenStem({ vocabulary: text.bytePairVocabulary(SENTENCES, { size: 280, added: ['NEW'] }), length: 40 }),
    head: vision.classifier({ classes: 2 }),
    source: arraySource({ inputs: SENTENCES, targets: range((i) => i % 2), validation: 0 }),
  }),
  defineTask({
    name: 'quantiles',
    stem: table.numbersStem({ columns: 2, scaling: 'quantile', statistics: () => statistics(2, cells, true) }),
    head: table.regressor({ loss: 'gaussian', scale: () => ({ mean: 2, deviation: 3 }) }),
    source: arraySource({ inputs: cells, ...halves }),
  }),
  defineTask({
    name: 'vectors',
    stem: table.vectorStem({ size: 2 }),
    head: table.embedder({ size: 3 }),
    source: arraySource({ inputs: cells, targets: range((i) => i % 3), validation: 0 }),
  }),
  defineTask({
    name: 'dates',
    stem: table.dateStem({
      columns: ['day'],
      statistics: () =>
        statistics(
          9,
          days.map((row) => row.flatMap(table.dateParts)),
        ),
    }),
    head: table.ordinal({ levels: ['low', 'middle', 'high'] }),
    source: arraySource({ inputs: days, targets: range((i) => i % 3), validation: 0 }),
  }),
] as unknown as readonly AnyTask[];

/** What `banyan-export.json` has of the tasks, without the computation of the functions. */
async function manifestOf(network: Network): Promise<string> {
  const { body } = internals(network);
  const examples: TaskExamples[] = [];
  for (const task of body.tasks) {
    const indices = Array.from({ length: 8 }, (_, i) => i);
    const read = await readExamples(task.name, task.definition.source, 'training', indices, NO_NETWORK);
    examples.push(
      await examplesOf(
        body,
        task,
        read.map(({ input }) => input),
      ),
    );
  }
  const functions = examples.map(({ task, prepared, outputs }) => ({
    name: task.name,
    task: task.name,
    inputs: inputsOf(task, prepared).map(({ shape, ...rest }) => ({ ...rest, shape: [-1, ...shape] })),
    outputs: Object.entries(outputs[0] instanceof Float32Array ? { output: outputs[0] } : outputs[0]!).map(
      ([name, numbers]) => ({ name, shape: [-1, numbers.length], dtype: 'float32' }),
    ),
  }));
  return JSON.stringify({ functions, tasks: examples.map((each) => taskManifest(body, each)) }, compactNumbers);
}

const networks = [
  ...cases().filter(({ options }) => options === undefined),
  { name: 'others', trunk: denseTrunk({ width: 8, depth: 1 }), make: () => ({ tasks: others, done: undefined }) },
];

describe.skipIf(!compiled)('the module of an export', () => {
  it('prepares to the bit and decodes as the network does, by every stem and head', { timeout: 180_000 }, async () => {
    const abilities: Record<string, ModuleAbility> = {};
    for (const one of networks) {
      const { tasks, done } = one.make();
      const network = (await createNetwork({ trunk: one.trunk, tasks, seed: 3 })) as Network;
      try {
        Object.assign(abilities, await checkModule(await manifestOf(network)));
      } finally {
        network.dispose();
        done?.();
      }
    }
    const lacking = Object.entries(abilities).filter(([, { prepares, decodes }]) => !(prepares && decodes));
    // Those of the fixtures alone, which are of no kind that there is.
    expect(lacking.map(([name]) => name).sort()).toEqual(['apart', 'half', 'layers', 'left', 'right']);
    expect(Object.keys(abilities)).toEqual(expect.arrayContaining(['byte-pairs', 'dates', 'writing', 'gathered']));
  });

  it('is small, and one file', async () => {
    const module = readFileSync(await moduleFile());
    expect(gzipSync(module).length).toBeLessThanOrEqual(60_000);
    expect(module.toString()).not.toMatch(/\b(import|require)\b\s*[({*"'\w]/);
  });

  it('lies beside an export, and runs in a plain Node', { timeout: 180_000 }, async () => {
    const network = (await createNetwork({
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      tasks: [others[1]!, numbersTask('own')],
      seed: 1,
    })) as Network;
    const out = join(folder, 'with');
    const report = await exportNetwork(network, { format: 'tfjs', out, withPrepare: true });
    network.dispose();
    // A stem of one's own declares no kind.
    expect(report.module).toEqual({
      'byte-pairs': { prepares: true, decodes: true },
      own: { prepares: false, decodes: false },
    });
    const program = join(folder, 'program.mjs');
    writeFileSync(
      program,
      `import { readFileSync } from 'node:fs';
      import { openExport } from '${join(out, 'banyan-export.mjs')}';
      const task = openExport(JSON.parse(readFileSync('${join(out, 'banyan-export.json')}', 'utf8'))).task('byte-pairs');
      const { input } = task.prepare(['my card', 'NEW']);
      const [first, second] = task.decode({ output: Float32Array.of(1, 2, 5, 1) });
      const errors = [() => task.prepare([Float32Array.of(1)]), () => task.decode({ output: [1, 2, 3] }), () => task.decode({})];
      const said = errors.map((run) => { try { run(); } catch ({ message }) { return message; } });
      console.log(JSON.stringify({ shape: input.shape, dtype: input.dtype, classes: [first.class, second.class], said }));`,
    );
    const printed = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' }));
    expect(printed).toEqual({
      shape: [2, 40],
      dtype: 'int32',
      classes: [1, 0],
      said: [
        expect.any(String),
        'Task "byte-pairs": expected its output "output" with 2 numbers for each example, received 3 numbers. Give what the function gives.',
        'Task "byte-pairs": expected its output "output" with 2 numbers for each example, received outputs without a name. Give what the function gives.',
      ],
    });
  });
});

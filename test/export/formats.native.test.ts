// Every head, stem, trunk and way of sharing, exported in every form: at several sizes of batch it gives what the network predicts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkExport, TOLERANCE } from '../../src/export/check.ts';
import { examplesOf, type TaskExamples } from '../../src/export/examples.ts';
import { FORMATS } from '../../src/export/formats/formats.ts';
import { openTfjs } from '../../src/export/formats/tfjs-runtime.ts';
import { networkGraph } from '../../src/export/graph/network-graph.ts';
import { createNetwork } from '../../src/index.ts';
import { internals, type Network, readExamples } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { NO_NETWORK } from '../../src/task/source.ts';
import { temporaryFolder } from '../repository.ts';
import { cases } from '../runtime/capture/cases.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
// What a converter makes takes too long for all of them: test/long/tflite.test.ts.
const forms = FORMATS.filter(({ converts }) => !converts);

/** Training is of no account here. */
const networks = cases().filter(({ options }) => options === undefined);

/** So many training examples of each task, with what the network makes of them. */
async function examplesFor(network: Network, count: number): Promise<readonly TaskExamples[]> {
  const { body } = internals(network);
  const all: TaskExamples[] = [];
  for (const task of body.tasks) {
    const { source } = task.definition;
    const indices = Array.from({ length: count }, (_, i) => i % source.counts.training);
    const read = await readExamples(task.name, source, 'training', indices, NO_NETWORK);
    const raw = read.map(({ input }) => input);
    all.push(await examplesOf(body, task, raw));
  }
  return all;
}

describe.skipIf(!compiled)('an exported network', () => {
  it.each(networks)('$name', { timeout: 180_000 }, async (one) => {
    const { tasks, done } = one.make();
    const network = (await createNetwork({ trunk: one.trunk, tasks, seed: 3 })) as Network;
    try {
      for (const column of one.grow ?? []) await network.addColumn(column);
      const { body } = internals(network);
      const batches = [3, 1, 64];
      const examples = await Promise.all(batches.map((count) => examplesFor(network, count)));
      const graph = await networkGraph(body, examples[0]!);
      for (const format of forms) {
        const out = join(folder, `${one.name.replace(/\W/g, '-')}-${format.kind}`);
        for (const [path, content] of await format.write(graph)) {
          mkdirSync(dirname(join(out, path)), { recursive: true });
          writeFileSync(join(out, path), content);
        }
        // What browsers run; the JavaScript backend is held by the other tests.
        const opened = format.kind === 'tfjs' ? await openTfjs(out, 'wasm') : await format.open(out, graph);
        expect(opened, `${format.kind} needs ${format.missing}`).toBeDefined();
        for (const batch of examples) {
          const findings = await checkExport(body, graph, opened!, batch);
          expect([...findings.keys()]).toEqual(graph.signatures.map(({ name }) => name));
          expect(Math.max(...[...findings.values()].map(({ difference }) => difference))).toBeLessThanOrEqual(
            TOLERANCE,
          );
        }
        await opened!.dispose();
      }
    } finally {
      network.dispose();
      done?.();
    }
  });
});

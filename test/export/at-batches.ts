import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkExport } from '../../src/export/check.ts';
import { examplesOf, type TaskExamples } from '../../src/export/examples.ts';
import type { Format, Opened } from '../../src/export/formats/format.ts';
import { type NetworkGraph, networkGraph } from '../../src/export/graph/network-graph.ts';
import { createNetwork } from '../../src/index.ts';
import { internals, type Network, readExamples } from '../../src/network/index.ts';
import { NO_NETWORK } from '../../src/task/source.ts';
import { cases } from '../runtime/capture/cases.ts';

/** Every head, stem, trunk and way of sharing. Training is of no account here. */
export const NETWORKS = cases().filter(({ options }) => options === undefined);

/** The graph is made by examples of the first. */
const BATCHES = [3, 1, 64];

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

/**
 * Writes a network in some forms into folders of `folder`, and asks each for batches of 1, 3 and 64.
 * @returns by form, function and size: the largest difference from the network, as a part of the largest number.
 */
export async function differencesAtBatches(
  { trunk, grow, make }: (typeof NETWORKS)[number],
  forms: readonly Format[],
  folder: string,
  open: (format: Format, out: string, graph: NetworkGraph) => Promise<Opened | undefined> | Opened | undefined,
): Promise<ReadonlyMap<string, number>> {
  const { tasks, done } = make();
  const network = (await createNetwork({ trunk, tasks, seed: 3 })) as Network;
  const differences = new Map<string, number>();
  try {
    for (const column of grow ?? []) await network.addColumn(column);
    const { body } = internals(network);
    const examples = await Promise.all(BATCHES.map((count) => examplesFor(network, count)));
    const graph = await networkGraph(body, examples[0]!);
    for (const format of forms) {
      const out = join(folder, format.kind);
      for (const [path, content] of await format.write(graph)) {
        mkdirSync(dirname(join(out, path)), { recursive: true });
        writeFileSync(join(out, path), content);
      }
      const opened = await open(format, out, graph);
      if (opened === undefined) throw new Error(`${format.kind} needs ${format.missing}`);
      for (const [b, batch] of examples.entries()) {
        const findings = await checkExport(body, graph, opened, batch);
        for (const { name } of graph.signatures)
          differences.set(`${format.kind} ${name} ${BATCHES[b]}`, findings.get(name)?.difference ?? Number.NaN);
      }
      await opened.dispose();
    }
  } finally {
    network.dispose();
    done?.();
  }
  return differences;
}

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSavedModel, startRuntime } from '../../../runtime/index.ts';
import { FLOAT, TEXTS, tensorValue, typesValue, typeValue } from '../../graph/attributes.ts';
import { constantNode, type GraphNode } from '../../graph/graph-def.ts';
import type { NetworkGraph } from '../../graph/network-graph.ts';
import { contentOf, textsMessage } from '../../graph/tensor.ts';
import type { Files } from '../format.ts';
import { modelMessage } from './saved-model.ts';

/** Where a SavedModel has its checkpoint: the beginning of the names of its files. */
export const PREFIX = 'variables/variables';

/** The names of weights in the checkpoint: those that they have in the network. */
export const savedNames = (nodes: readonly string[]): readonly string[] =>
  nodes.map((name) => name.replace(/^weights\//, ''));

/** Makes a node that gives texts. */
export const textsNode = (name: string, values: string | readonly string[]): GraphNode => ({
  name,
  op: 'Const',
  inputs: [],
  attributes: new Map([
    ['dtype', typeValue(TEXTS)],
    ['value', tensorValue(textsMessage(values))],
  ]),
});

/**
 * Has TensorFlow write the weights of a network as its own checkpoint (SaveV2), and gives the files by their names. The operation runs in a
 * graph of its own, which is a SavedModel too: so TensorFlow reads it.
 */
export async function saved({ graph, variables }: NetworkGraph): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-variables-'));
  try {
    const names = [...variables.keys()];
    const weights = graph.nodes.filter(({ name }) => variables.has(name));
    const save: GraphNode = {
      name: 'save',
      op: 'SaveV2',
      inputs: ['prefix', 'names', 'slices', ...names],
      attributes: new Map([['dtypes', typesValue(names.map(() => FLOAT))]]),
    };
    const done = { dtype: FLOAT, shape: [], content: contentOf(Float32Array.of(1)) };
    const nodes = [
      ...weights,
      textsNode('prefix', join(folder, PREFIX)),
      textsNode('names', savedNames(names)),
      textsNode(
        'slices',
        names.map(() => ''),
      ),
      save,
      constantNode('one', done),
      { name: 'done', op: 'Identity', inputs: ['one', '^save'], attributes: new Map([['T', typeValue(FLOAT)]]) },
    ];
    await mkdir(join(folder, 'variables'));
    await writeFile(join(folder, 'saved_model.pb'), modelMessage({ ...graph, nodes }, []));
    await startRuntime();
    const model = openSavedModel(folder);
    model.run(new Map(), ['done']);
    model.dispose();
    const files = await readdir(join(folder, 'variables'));
    return new Map(
      await Promise.all(
        files.sort().map(async (file) => [file, await readFile(join(folder, 'variables', file))] as const),
      ),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

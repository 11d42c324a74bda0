import { bytes, encode, type Field, text, whole, within } from '../../../protobuf.ts';
import { openSavedModel, startRuntime } from '../../../runtime/index.ts';
import { shapeMessage } from '../../graph/attributes.ts';
import { type GraphDef, writeGraph } from '../../graph/graph-def.ts';
import type { NamedTensor, NetworkGraph, Signature } from '../../graph/network-graph.ts';
import { graphWithStored } from '../../quantise/in-graph.ts';
import { IN_GRAPH } from '../../quantise/store.ts';
import type { Format, Opened } from '../format.ts';

// saved_model.proto and meta_graph.proto, by the numbers of their fields.
const [VERSION, META_GRAPH] = [1, 2] as const;
const [INFO, GRAPH, SIGNATURE] = [1, 2, 5] as const;
const TAG = 4;
const [INPUT, OUTPUT, METHOD] = [1, 2, 3] as const;
const [NAME, DTYPE, SHAPE] = [1, 2, 3] as const;
const [KEY, VALUE] = [1, 2] as const;

/** The signature that TensorFlow's tools take where none is named. */
const DEFAULT = 'serving_default';

/**
 * A SavedModel with weights as constants. Every TensorFlow loads it, TensorFlow Serving too; a signature is named after its task, or after
 * its function where a task has several.
 */
export const savedModel: Format = {
  kind: 'saved-model',
  about: "TensorFlow's own form, for any of its languages and TensorFlow Serving; a signature a task",
  quantisations: IN_GRAPH,
  write: (graph) => new Map([['saved_model.pb', savedModelMessage(graph)]]),
  open: openByTensorflow,
  missing: 'TensorFlow; `banyan setup` installs it',
};

/** Opens a SavedModel by TensorFlow's own reader. */
export async function openByTensorflow(folder: string): Promise<Opened> {
  const { tensorflow } = await startRuntime();
  const model = openSavedModel(folder);
  return {
    runtime: `TensorFlow ${tensorflow}`,
    run: async (signature, inputs) =>
      model.run(
        new Map(signature.inputs.map(({ node }, i) => [node, inputs[i]!])),
        signature.outputs.map(({ node }) => node),
      ),
    dispose: () => model.dispose(),
  };
}

/** Writes a network as TensorFlow's SavedModel, with weights as constants. */
export const savedModelMessage = (graph: NetworkGraph): Uint8Array =>
  modelMessage(graphWithStored(graph), graph.signatures);

/** Writes a graph with its signatures; `fields`: what else stands in the MetaGraphDef. */
export function modelMessage(
  graph: GraphDef,
  signatures: readonly Signature[],
  fields: readonly Field[] = [],
): Uint8Array {
  const all = signatures.map((signature) => signatureField(signature.name, signature));
  if (signatures.length === 1) all.push(signatureField(DEFAULT, signatures[0]!));
  const info = within(INFO, text(TAG, 'serve'));
  return encode(whole(VERSION, 1), within(META_GRAPH, info, bytes(GRAPH, writeGraph(graph)), ...fields, ...all));
}

const signatureField = (name: string, { inputs, outputs }: Signature): Field =>
  within(
    SIGNATURE,
    text(KEY, name),
    within(
      VALUE,
      ...inputs.map((tensor) => tensorField(INPUT, tensor)),
      ...outputs.map((tensor) => tensorField(OUTPUT, tensor)),
      text(METHOD, 'tensorflow/serving/predict'),
    ),
  );

const tensorField = (field: number, { name, node, shape, dtype }: NamedTensor): Field =>
  within(
    field,
    text(KEY, name),
    within(VALUE, text(NAME, `${node}:0`), whole(DTYPE, dtype), bytes(SHAPE, shapeMessage(shape))),
  );

import { bytes, encode, flag, text, whole, within } from '../../../protobuf.ts';
import { FLOAT, INT32, shapeValue, TEXTS, textValue, typesValue, typeValue } from '../../graph/attributes.ts';
import { constantNode, type GraphDef, type GraphNode, tensorOf } from '../../graph/graph-def.ts';
import type { NetworkGraph } from '../../graph/network-graph.ts';
import { contentOf, wholesTensor } from '../../graph/tensor.ts';
import type { Format } from '../format.ts';
import { PREFIX, saved, savedNames, textsNode } from './checkpoint.ts';
import { modelMessage, openByTensorflow, savedModel } from './saved-model.ts';

// Fields of MetaGraphDef, SaverDef (saver.proto), CollectionDef and VariableDef (variable.proto), and the second version of checkpoints.
const [SAVER, COLLECTION] = [3, 4] as const;
const [FILE_NAME, SAVE, RESTORE, VERSION] = [1, 2, 3, 7] as const;
const [KEY, VALUE, BYTES_LIST, ITEM] = [1, 2, 2, 1] as const;
const [NAME, INITIALIZER, SNAPSHOT, IS_RESOURCE, INITIAL_VALUE, TRAINABLE] = [1, 2, 3, 5, 6, 7] as const;
const V2 = 2;

/** A SavedModel whose weights are variables, in a checkpoint beside the graph: who loads it may train on, or exchange them. */
export const savedModelWithVariables: Format = {
  ...savedModel,
  about: `${savedModel.about}; its weights are variables`,
  quantisations: [],
  async write(graph) {
    const files = new Map([['saved_model.pb', message(graph)]]);
    for (const [name, content] of await saved(graph)) files.set(`variables/${name}`, content);
    return files;
  },
  open: openByTensorflow,
};

function message(network: NetworkGraph): Uint8Array {
  const names = [...network.variables.keys()];
  const saver = within(
    SAVER,
    text(FILE_NAME, 'save/prefix:0'),
    text(SAVE, 'save/saved:0'),
    text(RESTORE, 'save/restore'),
    whole(VERSION, V2),
  );
  const list = within(VALUE, within(BYTES_LIST, ...names.map((name) => bytes(ITEM, variableMessage(name)))));
  const collections = ['variables', 'trainable_variables'].map((key) => within(COLLECTION, text(KEY, key), list));
  return modelMessage(withVariables(network), network.signatures, [saver, ...collections]);
}

const variableMessage = (name: string): Uint8Array =>
  encode(
    text(NAME, `${name}/handle:0`),
    text(INITIALIZER, `${name}/initialize`),
    text(SNAPSHOT, `${name}:0`),
    flag(IS_RESOURCE, true),
    text(INITIAL_VALUE, `${name}/initial:0`),
    flag(TRAINABLE, true),
  );

/** The graph with a variable in the place of each weight's constant, and what saves and restores them all. */
function withVariables({ graph, variables }: NetworkGraph): GraphDef {
  const names = [...variables.keys()];
  const types = typesValue(names.map(() => FLOAT));
  const slices = ['save/prefix', 'save/names', 'save/slices'];
  const restored = (i: number) => `save/restored${i === 0 ? '' : `:${i}`}`;
  return {
    ...graph,
    nodes: [
      ...graph.nodes.flatMap((node) => (variables.has(node.name) ? variableNodes(node) : [node])),
      textsNode('save/prefix', PREFIX),
      textsNode('save/names', savedNames(names)),
      textsNode(
        'save/slices',
        names.map(() => ''),
      ),
      node('save/restored', 'RestoreV2', slices, { dtypes: types }),
      node('save/save', 'SaveV2', [...slices, ...names], { dtypes: types }),
      node('save/saved', 'Identity', ['save/prefix', '^save/save'], { T: typeValue(TEXTS) }),
      ...names.map((name, i) =>
        node(`${name}/assign`, 'AssignVariableOp', [`${name}/handle`, restored(i)], { dtype: typeValue(FLOAT) }),
      ),
      node(
        'save/restore',
        'NoOp',
        names.map((name) => `^${name}/assign`),
        {},
      ),
    ],
  };
}

/** A variable in the place of a constant: reading it has the constant's name. Its first value, before it is restored, is 0. */
function variableNodes(constant: GraphNode): readonly GraphNode[] {
  const { name } = constant;
  const { shape } = tensorOf(constant)!;
  const dtype = typeValue(FLOAT);
  const [key] = savedNames([name]);
  const handle = { dtype, shape: shapeValue(shape), shared_name: textValue(key!), container: textValue('') };
  const zero = { dtype: FLOAT, shape: [], content: contentOf(Float32Array.of(0)) };
  return [
    node(`${name}/handle`, 'VarHandleOp', [], handle),
    node(name, 'ReadVariableOp', [`${name}/handle`], { dtype }),
    constantNode(`${name}/zero`, zero),
    constantNode(`${name}/shape`, wholesTensor(shape)),
    node(`${name}/initial`, 'Fill', [`${name}/shape`, `${name}/zero`], { T: dtype, index_type: typeValue(INT32) }),
    node(`${name}/initialize`, 'AssignVariableOp', [`${name}/handle`, `${name}/initial`], { dtype }),
  ];
}

const node = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Uint8Array>>,
): GraphNode => ({ name, op, inputs, attributes: new Map(Object.entries(attributes)) });

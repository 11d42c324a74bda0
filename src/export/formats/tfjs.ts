import { type AttributeValue, BOOL, FLOAT, INT32, readAttribute } from '../graph/attributes.ts';
import { type GraphNode, tensorOf } from '../graph/graph-def.ts';
import type { NamedTensor, NetworkGraph, Signature } from '../graph/network-graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import { IN_GRAPH, type StoredWeight } from '../quantise/store.ts';
import type { Format } from './format.ts';
import { openTfjs, tfjsName } from './tfjs-runtime.ts';

/** Bytes of a file of weights: browsers keep files of this size in their caches. */
const SHARD = 4 * 1024 * 1024;

/** TensorFlow's types, as tfjs names them in a graph and among its weights. */
const TYPES: Readonly<Record<number, readonly [inGraph: string, ofWeights: string]>> = {
  [FLOAT]: ['DT_FLOAT', 'float32'],
  [INT32]: ['DT_INT32', 'int32'],
  [BOOL]: ['DT_BOOL', 'bool'],
  9: ['DT_INT64', 'int32'],
};

/**
 * A graph model of tfjs, for browsers and Node: `model.json` and files of weights. tfjs knows one signature, so inputs and outputs of
 * all functions are in it, as FUNCTION/NAME.
 */
export const tfjs: Format = {
  kind: 'tfjs',
  about: 'a graph model for TensorFlow.js, in browsers and in Node',
  quantisations: IN_GRAPH,
  write: (graph) => {
    const constants = graph.graph.nodes.flatMap((node) => {
      const tensor = tensorOf(node);
      return tensor === undefined ? [] : [{ name: node.name, tensor, stored: graph.stored.get(node.name) }];
    });
    const weights = Buffer.concat(constants.map(({ tensor, stored }) => (stored?.tensor ?? tensor).content));
    const count = Math.max(1, Math.ceil(weights.length / SHARD));
    const paths = Array.from({ length: count }, (_, i) => `weights-${i + 1}-of-${count}.bin`);
    const shards = paths.map((path, i) => [path, weights.subarray(i * SHARD, (i + 1) * SHARD)] as const);
    const model = modelJson(graph, [{ paths, weights: constants.map(weightJson) }]);
    return new Map<string, Uint8Array>([['model.json', Buffer.from(JSON.stringify(model))], ...shards]);
  },
  open: (folder) => openTfjs(folder),
  missing: '@tensorflow/tfjs',
};

interface Constant {
  readonly name: string;
  readonly tensor: Tensor;
  readonly stored: StoredWeight | undefined;
}

const weightJson = ({ name, tensor: { shape, dtype }, stored }: Constant) => ({
  name,
  shape,
  dtype: TYPES[dtype]![1],
  ...(stored === undefined ? {} : { quantization: quantizationJson(stored) }),
});

/** tfjs reads whole numbers of 8 bits as `scale * n + min`, when it loads them. */
const quantizationJson = ({ scale }: StoredWeight) =>
  scale === undefined
    ? { dtype: 'float16', original_dtype: 'float32' }
    : { dtype: 'uint8', scale: scale.step, min: -scale.zero * scale.step, original_dtype: 'float32' };

const modelJson = ({ graph: { nodes }, signatures }: NetworkGraph, weightsManifest: readonly object[]) => ({
  format: 'graph-model',
  generatedBy: 'banyan-ml',
  convertedBy: 'banyan-ml',
  signature: {
    inputs: infosOf(signatures, ({ inputs }) => inputs),
    outputs: infosOf(signatures, ({ outputs }) => outputs),
  },
  modelTopology: { node: nodes.map(nodeJson), versions: { producer: PRODUCER } },
  weightsManifest,
});

/** The version of GraphDef that these nodes are of (versions.h); tfjs reads it and asks nothing of it. */
const PRODUCER = 27;

const infosOf = (signatures: readonly Signature[], tensorsOf: (signature: Signature) => readonly NamedTensor[]) =>
  Object.fromEntries(
    signatures.flatMap((signature) =>
      tensorsOf(signature).map((tensor) => [tfjsName(signature, tensor), infoJson(tensor)]),
    ),
  );

const infoJson = ({ node, dtype, shape }: NamedTensor) => ({
  name: `${node}:0`,
  dtype: TYPES[dtype]![0],
  tensorShape: shapeJson(shape),
});

const shapeJson = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) });

function nodeJson({ name, op, inputs, attributes }: GraphNode) {
  const described = [...attributes].filter(([key]) => !(op === 'Const' && key === 'value'));
  const attr = Object.fromEntries(described.map(([key, value]) => [key, attributeJson(readAttribute(value))]));
  return { name, op, input: inputs, attr };
}

/** An attribute in the JSON form of protocol buffers: bytes in base64, long whole numbers as texts. */
function attributeJson({ kind, value }: AttributeValue): object {
  switch (kind) {
    case 'text':
      return { s: Buffer.from(value).toString('base64') };
    case 'whole':
      return { i: String(value) };
    case 'real':
      return { f: value };
    case 'flag':
      return { b: value };
    case 'type':
      return { type: TYPES[value]?.[0] ?? value };
    case 'shape':
      return { shape: shapeJson(value) };
    case 'wholes':
      return { list: { i: value.map(String) } };
    default:
      return {};
  }
}

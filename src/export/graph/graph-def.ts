import { bytes, eachField, encode, text, within } from '../../protobuf.ts';
import { type AttributeValue, readAttribute, tensorValue, typeValue } from './attributes.ts';
import { readTensor, type Tensor, tensorMessage } from './tensor.ts';

/** An operation of a graph (node_def.proto). */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** `NODE`, `NODE:OUTPUT` for another than the first output. */
  readonly inputs: readonly string[];
  /** AttrValues, as bytes. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
}

/** TensorFlow's graph (graph.proto): its operations, and as bytes which versions understand it. */
export interface GraphDef {
  readonly nodes: readonly GraphNode[];
  readonly versions: Uint8Array;
}

const [NODE, VERSIONS] = [1, 4] as const;
const [NAME, OP, INPUT, ATTRIBUTE] = [1, 2, 3, 5] as const;
const [KEY, VALUE] = [1, 2] as const;

export function readGraph(message: Uint8Array): GraphDef {
  const nodes: GraphNode[] = [];
  let versions = new Uint8Array();
  eachField(message, (field, reader) => {
    if (field === NODE) nodes.push(readNode(reader.bytes()));
    else if (field === VERSIONS) versions = reader.bytes().slice();
  });
  return { nodes, versions };
}

function readNode(message: Uint8Array): GraphNode {
  let [name, op] = ['', ''];
  const inputs: string[] = [];
  const attributes = new Map<string, Uint8Array>();
  eachField(message, (field, reader) => {
    if (field === NAME) name = reader.string();
    else if (field === OP) op = reader.string();
    else if (field === INPUT) inputs.push(reader.string());
    else if (field === ATTRIBUTE) {
      let [key, value] = ['', new Uint8Array()];
      eachField(reader.bytes(), (part, inner) => {
        if (part === KEY) key = inner.string();
        else if (part === VALUE) value = inner.bytes().slice();
      });
      attributes.set(key, value);
    }
  });
  // TensorFlow writes them in any order: so that equal networks are equal files.
  return { name, op, inputs, attributes: new Map([...attributes].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

export const writeGraph = ({ nodes, versions }: GraphDef): Uint8Array =>
  encode(
    ...nodes.map(({ name, op, inputs, attributes }) =>
      within(
        NODE,
        text(NAME, name),
        text(OP, op),
        ...inputs.map((input) => text(INPUT, input)),
        ...[...attributes].map(([key, value]) => within(ATTRIBUTE, text(KEY, key), bytes(VALUE, value))),
      ),
    ),
    bytes(VERSIONS, versions),
  );

/** Makes a node that gives these numbers. */
export const constantNode = (name: string, tensor: Tensor): GraphNode => ({
  name,
  op: 'Const',
  inputs: [],
  attributes: new Map([
    ['dtype', typeValue(tensor.dtype)],
    ['value', tensorValue(tensorMessage(tensor))],
  ]),
});

/** Gives the numbers of a node that is a constant; undefined of any other. */
export function tensorOf({ op, attributes }: GraphNode): Tensor | undefined {
  if (op !== 'Const') return undefined;
  return readTensor(readAttribute(attributes.get('value')!).value as Uint8Array);
}

/** Gives an attribute of a node. */
export const attributeOf = ({ attributes }: GraphNode, key: string): AttributeValue =>
  readAttribute(attributes.get(key) ?? new Uint8Array());

/** Takes the text of an input apart: the node, and the number of its output. */
export function inputOf(text: string): { readonly name: string; readonly output: number } {
  const [name, output = '0'] = text.split(':') as [string, string?];
  return { name, output: Number(output) };
}

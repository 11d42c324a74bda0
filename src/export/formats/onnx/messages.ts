import { bytes, encode, type Field, text, whole, within } from '../../../protobuf.ts';
import { BOOL, FLOAT, HALF, INT32, UINT8 } from '../../graph/attributes.ts';

// onnx.proto, by the numbers of its fields.

/** ONNX's numbers for types. */
export const ONNX_FLOAT = 1;
export const ONNX_INT32 = 6;
export const ONNX_INT64 = 7;
const ONNX_BOOL = 9;
const ONNX_UINT8 = 2;
const ONNX_FLOAT16 = 10;

/** ONNX's number for a type of TensorFlow's. */
export const ONNX_TYPES: Readonly<Record<number, number>> = {
  [FLOAT]: ONNX_FLOAT,
  [INT32]: ONNX_INT32,
  [BOOL]: ONNX_BOOL,
  [UINT8]: ONNX_UINT8,
  [HALF]: ONNX_FLOAT16,
};

/** The name of the axis of samples in the shapes of inputs and outputs. */
const BATCH = 'batch';

/** An operator's attribute: a whole number, a word, or a list of whole numbers. */
export type OnnxAttribute = number | string | readonly number[];

const attribute = (name: string, value: OnnxAttribute): Field => {
  const [TYPE_WHOLE, TYPE_TEXT, TYPE_WHOLES] = [2, 3, 7];
  const fields =
    typeof value === 'number'
      ? [whole(3, value), whole(20, TYPE_WHOLE)]
      : typeof value === 'string'
        ? [text(4, value), whole(20, TYPE_TEXT)]
        : [...value.map((number) => whole(8, number)), whole(20, TYPE_WHOLES)];
  return within(5, text(1, name), ...fields);
};

/** A NodeProto. */
export const onnxNode = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>>,
): Uint8Array =>
  encode(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  );

/** A TensorProto. */
export const onnxTensor = (name: string, type: number, shape: readonly number[], content: Uint8Array): Uint8Array =>
  encode(...shape.map((size) => whole(1, size)), whole(2, type), text(8, name), bytes(9, content));

/** A ValueInfoProto; -1 is a batch of any size. */
export const onnxValue = (name: string, type: number, shape: readonly number[]): Uint8Array => {
  const axes = shape.map((size) => within(1, size === -1 ? text(2, BATCH) : whole(1, size)));
  return encode(text(1, name), within(2, within(1, whole(1, type), within(2, ...axes))));
};

/** What a model is made of, as messages. */
export interface OnnxParts {
  readonly name: string;
  readonly nodes: readonly Uint8Array[];
  readonly constants: readonly Uint8Array[];
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

// Operators are those of version 18 of ONNX's set, which its version 1.13 brought, with version 8 of the file's form.
const [IR_VERSION, OPERATORS] = [8, 18];

/** A ModelProto. */
export const onnxModel = ({ name, nodes, constants, inputs, outputs }: OnnxParts): Uint8Array =>
  encode(
    whole(1, IR_VERSION),
    text(2, 'banyan-ml'),
    within(
      7,
      ...nodes.map((node) => bytes(1, node)),
      text(2, name),
      ...constants.map((tensor) => bytes(5, tensor)),
      ...inputs.map((value) => bytes(11, value)),
      ...outputs.map((value) => bytes(12, value)),
    ),
    within(8, whole(2, OPERATORS)),
  );

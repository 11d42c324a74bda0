import { bytes, eachField, encode, packed, text, whole, within } from '../../protobuf.ts';

// AttrValue (attr_value.proto) and TensorShapeProto (tensor_shape.proto). A value stays bytes until somebody asks for it.

/** TensorFlow's numbers for the types that exported graphs hold (types.proto). */
export const FLOAT = 1;
export const INT32 = 3;
export const UINT8 = 4;
export const BOOL = 10;
export const HALF = 19;
export const TEXTS = 7;

const NAMES: Readonly<Record<number, string>> = { [FLOAT]: 'float32', [INT32]: 'int32', [BOOL]: 'bool' };

/** The name of a type that goes in and out. */
export const dtypeName = (dtype: number): string => NAMES[dtype]!;

const [LIST, TEXT, WHOLE, REAL, FLAG, TYPE, SHAPE, TENSOR] = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const [LIST_WHOLES, LIST_TYPES] = [3, 6] as const;
const [DIM, SIZE] = [2, 1] as const;

export const typeValue = (dtype: number): Uint8Array => encode(whole(TYPE, dtype));
export const typesValue = (dtypes: readonly number[]): Uint8Array =>
  encode(within(LIST, ...dtypes.map((dtype) => whole(LIST_TYPES, dtype))));
export const textValue = (value: string): Uint8Array => encode(text(TEXT, value));
export const wholeValue = (value: number): Uint8Array => encode(whole(WHOLE, value));
export const tensorValue = (tensor: Uint8Array): Uint8Array => encode(bytes(TENSOR, tensor));
export const shapeValue = (shape: readonly number[]): Uint8Array => encode(bytes(SHAPE, shapeMessage(shape)));

/** A shape; -1 is a size that any run may have. */
export const shapeMessage = (shape: readonly number[]): Uint8Array =>
  encode(...shape.map((size) => within(DIM, whole(SIZE, size))));

export function readShape(message: Uint8Array): number[] {
  const shape: number[] = [];
  eachField(message, (field, reader) => {
    if (field !== DIM) return;
    let size = 0;
    eachField(reader.bytes(), (part, inner) => {
      if (part === SIZE) size = Number(inner.int64());
    });
    shape.push(size);
  });
  return shape;
}

/** What an attribute of a node holds; a list has numbers alone. */
export type AttributeValue =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'whole' | 'real' | 'type'; readonly value: number }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'shape' | 'wholes'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: Uint8Array }
  | { readonly kind: 'other'; readonly value: undefined };

export function readAttribute(message: Uint8Array): AttributeValue {
  let found: AttributeValue = { kind: 'other', value: undefined };
  eachField(message, (field, reader) => {
    if (field === LIST) found = { kind: 'wholes', value: readWholes(reader.bytes()) };
    else if (field === TEXT) found = { kind: 'text', value: new TextDecoder().decode(reader.bytes()) };
    else if (field === WHOLE) found = { kind: 'whole', value: Number(reader.int64()) };
    else if (field === REAL) found = { kind: 'real', value: reader.float() };
    else if (field === FLAG) found = { kind: 'flag', value: reader.bool() };
    else if (field === TYPE) found = { kind: 'type', value: reader.int32() };
    else if (field === SHAPE) found = { kind: 'shape', value: readShape(reader.bytes()) };
    else if (field === TENSOR) found = { kind: 'tensor', value: reader.bytes() };
  });
  return found;
}

/** ListValue.i. */
function readWholes(message: Uint8Array): readonly number[] {
  let values: readonly number[] = [];
  eachField(message, (field, reader) => {
    if (field === LIST_WHOLES) values = packed(reader, (from) => Number(from.int64()));
  });
  return values;
}

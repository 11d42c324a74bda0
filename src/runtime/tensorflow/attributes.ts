import { BanyanError } from '../../error.ts';
import type { Library, Pointer } from './library.ts';
import { dims } from './types.ts';

/** An attribute as tfjs-node gives it; `type` is TensorFlow's TF_AttrType. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export const [STRING, INT, REAL, BOOLEAN, TYPE, SHAPE] = [0, 1, 2, 3, 4, 5];

/** An attribute that is one of TensorFlow's types. */
export const typeAttribute = (name: string, value: number): OpAttribute => ({ name, type: TYPE, value });

/** An attribute that is a truth value. */
export const flagAttribute = (name: string, value: boolean): OpAttribute => ({ name, type: BOOLEAN, value });

/** Gives it to an operation of a graph that is being described. */
export function setAttribute(library: Library, description: Pointer, { name, type, value }: OpAttribute): void {
  const list = Array.isArray(value) ? (value as number[]) : undefined;
  if (type === SHAPE) library.TF_SetAttrShape(description, name, dims(list!), list!.length);
  else if (type === STRING && list === undefined) {
    const bytes = new TextEncoder().encode(value as string);
    library.TF_SetAttrString(description, name, bytes, bytes.length);
  } else if (type === INT)
    if (list === undefined) library.TF_SetAttrInt(description, name, value as number);
    else library.TF_SetAttrIntList(description, name, dims(list), list.length);
  else if (type === REAL)
    if (list === undefined) library.TF_SetAttrFloat(description, name, value as number);
    else library.TF_SetAttrFloatList(description, name, Float32Array.from(list), list.length);
  else if (type === BOOLEAN && list === undefined) library.TF_SetAttrBool(description, name, value ? 1 : 0);
  else if (type === TYPE)
    if (list === undefined) library.TF_SetAttrType(description, name, value as number);
    else library.TF_SetAttrTypeList(description, name, Int32Array.from(list), list.length);
  else
    throw new BanyanError(
      'runtime',
      `The attribute "${name}" of TensorFlow's type ${type} cannot be written into a graph. Expected a string, numbers, a truth value, a type or a shape. Run this step with \`compile: 'eager'\`.`,
    );
}

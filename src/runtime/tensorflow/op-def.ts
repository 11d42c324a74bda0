import { BinaryReader } from '@bufbuild/protobuf/wire';

/** One input of an operation; a list where it takes as many tensors as `listAttribute` says. */
export interface ArgumentDef {
  readonly name: string;
  /** The attribute that holds a list's length, or its types. TensorFlow infers it from the inputs. */
  readonly listAttribute?: string;
}

/** What TensorFlow knows about a kind of operation (op_def.proto). */
export interface OpDef {
  readonly inputs: readonly ArgumentDef[];
  /** Its result depends on more than its inputs, or it changes something. */
  readonly stateful: boolean;
}

const [INPUT_ARG, IS_STATEFUL] = [2, 17];
const [NAME, NUMBER_ATTR, TYPE_LIST_ATTR] = [1, 5, 6];

export function parseOpDef(bytes: Uint8Array): OpDef {
  const inputs: ArgumentDef[] = [];
  let stateful = false;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === INPUT_ARG) inputs.push(parseArgument(reader.bytes()));
    else if (field === IS_STATEFUL) stateful = reader.bool();
    else reader.skip(wire, field);
  }
  return { inputs, stateful };
}

function parseArgument(bytes: Uint8Array): ArgumentDef {
  let name = '';
  let listAttribute: string | undefined;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === NAME) name = reader.string();
    else if (field === NUMBER_ATTR || field === TYPE_LIST_ATTR) listAttribute = reader.string();
    else reader.skip(wire, field);
  }
  return listAttribute === undefined ? { name } : { name, listAttribute };
}

import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

// Protocol buffers, field by field (https://protobuf.dev/programming-guides/encoding): who writes a message names its fields by their
// numbers in the .proto file. This file stands below all rooms, since several read or write other programs' messages.

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5] as const;

/** A field of a message, or several. */
export type Field = (writer: BinaryWriter) => BinaryWriter;

/** A message within another. */
export const within =
  (field: number, ...parts: readonly Field[]): Field =>
  (writer) =>
    parts.reduce((inner, part) => part(inner), writer.tag(field, BYTES).fork()).join();
/** Bytes, or a message that is written already. */
export const bytes =
  (field: number, value: Uint8Array): Field =>
  (writer) =>
    writer.tag(field, BYTES).bytes(value);
export const text =
  (field: number, value: string): Field =>
  (writer) =>
    writer.tag(field, BYTES).string(value);
export const whole =
  (field: number, value: number): Field =>
  (writer) =>
    writer.tag(field, VARINT).int64(value);
export const double =
  (field: number, value: number): Field =>
  (writer) =>
    writer.tag(field, FIXED64).double(value);
export const single =
  (field: number, value: number): Field =>
  (writer) =>
    writer.tag(field, FIXED32).float(value);
export const flag =
  (field: number, value: boolean): Field =>
  (writer) =>
    writer.tag(field, VARINT).bool(value);

export const encode = (...parts: readonly Field[]): Uint8Array =>
  parts.reduce((writer, part) => part(writer), new BinaryWriter()).finish();

/** Calls `take` with each field of a message: it reads the field, or leaves it and it is passed over. */
export function eachField(message: Uint8Array, take: (field: number, reader: BinaryReader) => void): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const before = reader.pos;
    take(field, reader);
    if (reader.pos === before) reader.skip(wire, field);
  }
}

/** Reads the numbers of a packed repeated field, which `take` is at. */
export function packed<T>(reader: BinaryReader, read: (from: BinaryReader) => T): T[] {
  const end = reader.uint32() + reader.pos;
  const values: T[] = [];
  while (reader.pos < end) values.push(read(reader));
  return values;
}

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** One field of a message under construction. */
export type Field = (writer: BinaryWriter) => unknown;

/** A protobuf message of these fields. */
export function message(...fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const field of fields) field(writer);
  return new Uint8Array(writer.finish());
}

export const bytes =
  (number: number, value: Uint8Array): Field =>
  (writer) =>
    writer.tag(number, WireType.LengthDelimited).bytes(value);
export const nested = (number: number, ...fields: readonly Field[]): Field =>
  bytes(number, message(...fields));
export const text =
  (number: number, value: string): Field =>
  (writer) =>
    writer.tag(number, WireType.LengthDelimited).string(value);
export const double =
  (number: number, value: number): Field =>
  (writer) =>
    writer.tag(number, WireType.Bit64).double(value);
export const int64 =
  (number: number, value: number): Field =>
  (writer) =>
    writer.tag(number, WireType.Varint).int64(value);
export const bool =
  (number: number, value: boolean): Field =>
  (writer) =>
    writer.tag(number, WireType.Varint).bool(value);
export const fixed64 =
  (number: number, value: bigint): Field =>
  (writer) =>
    writer.tag(number, WireType.Bit64).fixed64(value);
export const sfixed64 =
  (number: number, value: number): Field =>
  (writer) =>
    writer.tag(number, WireType.Bit64).sfixed64(value);

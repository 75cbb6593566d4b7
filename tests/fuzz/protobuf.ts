import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ProtoMessage } from "../../collector/transports/protobuf.ts";

const WIRE_TYPES = {
  string: WireType.LengthDelimited,
  bool: WireType.Varint,
  double: WireType.Bit64,
  int64: WireType.Varint,
  uint32: WireType.Varint,
  fixed64: WireType.Bit64,
  sfixed64: WireType.Bit64,
} as const;

type Json = Readonly<Record<string, unknown>>;

/** A message written by the description that it is read by; what the description does not name is left out. */
export function encodeProtobuf(value: Json, message: ProtoMessage): Buffer {
  const writer = new BinaryWriter();
  write(writer, value, message);
  return Buffer.from(writer.finish());
}

function write(writer: BinaryWriter, value: Json, message: ProtoMessage): void {
  for (const [number, { name, type }] of Object.entries(message)) {
    const found = value[name];
    const items = Array.isArray(found) ? found : found === undefined ? [] : [found];
    for (const item of items) {
      if (typeof type !== "string") {
        writer.tag(Number(number), WireType.LengthDelimited).fork();
        write(writer, item as Json, type);
        writer.join();
      } else {
        writer.tag(Number(number), WIRE_TYPES[type]);
        writer[type](item as never);
      }
    }
  }
}

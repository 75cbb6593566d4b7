import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { HttpProblem } from "./body.ts";

type Scalar = "string" | "bool" | "double" | "int64" | "uint32" | "fixed64" | "sfixed64";

/** A field that is read: its name in the result (that of the JSON mapping), its type, and whether it repeats. */
export type ProtoField = {
  readonly name: string;
  readonly type: Scalar | ProtoMessage;
  readonly repeated?: true;
};

/** The fields of a message that are read, by number. All others are skipped. */
export type ProtoMessage = { readonly [fieldNumber: number]: ProtoField };

/** A decoded message: numbers, texts, booleans, bigints (64-bit integers), messages and lists of them. */
export type ProtoValue = Readonly<Record<string, unknown>>;

const WIRE_TYPES: Readonly<Record<Scalar, WireType>> = {
  string: WireType.LengthDelimited,
  bool: WireType.Varint,
  double: WireType.Bit64,
  int64: WireType.Varint,
  uint32: WireType.Varint,
  fixed64: WireType.Bit64,
  sfixed64: WireType.Bit64,
};

type Budget = { messages: number };

/**
 * Decodes a protobuf message by a description of the few fields that matter. What it makes is bounded by `maxMessages`
 * (the message itself and all in it), its depth by the description, its time by the body: every step reads on.
 * Throws HttpProblem: 400 for bytes that are no such message, 413 for too many messages.
 */
export function decodeProtobuf(body: Uint8Array, message: ProtoMessage, maxMessages: number): ProtoValue {
  const reader = new BinaryReader(body);
  try {
    return readMessage(reader, { end: body.length, message, budget: { messages: maxMessages } });
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, `the body is no readable protobuf: ${(error as Error).message}`);
  }
}

type Scope = { readonly end: number; readonly message: ProtoMessage; readonly budget: Budget };

function readMessage(reader: BinaryReader, { end, message, budget }: Scope): ProtoValue {
  budget.messages -= 1;
  if (budget.messages < 0) throw new HttpProblem(413, "the body holds too many items; send smaller batches");
  const value: Record<string, unknown> = {};
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = message[number];
    if (!field || wireType !== wireTypeOf(field)) {
      reader.skip(wireType, number);
      continue;
    }
    const read =
      typeof field.type === "string" ? scalar(reader, field.type) : nested(reader, field.type, budget);
    if (!field.repeated) value[field.name] = read;
    else {
      const list = value[field.name] as unknown[] | undefined;
      if (list) list.push(read);
      else value[field.name] = [read];
    }
  }
  if (reader.pos !== end) throw new RangeError("a message is longer than its length says");
  return value;
}

function nested(reader: BinaryReader, message: ProtoMessage, budget: Budget): ProtoValue {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError("premature EOF");
  return readMessage(reader, { end, message, budget });
}

function wireTypeOf(field: ProtoField): WireType {
  return typeof field.type === "string" ? WIRE_TYPES[field.type] : WireType.LengthDelimited;
}

function scalar(reader: BinaryReader, type: Scalar): unknown {
  switch (type) {
    case "string":
      return reader.string();
    case "bool":
      return reader.bool();
    case "double":
      return reader.double();
    case "int64":
      return reader.int64();
    case "uint32":
      return reader.uint32();
    case "fixed64":
      return reader.fixed64();
    case "sfixed64":
      return reader.sfixed64();
  }
}

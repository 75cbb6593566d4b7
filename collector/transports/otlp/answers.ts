import type { IncomingHttpHeaders } from "node:http";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { HttpProblem } from "../body.ts";
import { mediaType, type PushAnswer } from "../push-route.ts";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

/** google.rpc.Code by status of HTTP; others are INTERNAL. */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  405: 12,
  413: 3,
  415: 3,
  429: 8,
  503: 14,
};
const INTERNAL = 13;

/** The two encodings of OTLP/HTTP. */
export type Encoding = "protobuf" | "json";

/** The encoding of a request by its content type. Throws HttpProblem 415 for another. */
export function encodingOf(headers: IncomingHttpHeaders): Encoding {
  const type = mediaType(headers);
  if (type === PROTOBUF) return "protobuf";
  if (type === JSON_TYPE) return "json";
  throw new HttpProblem(415, `content-type must be ${PROTOBUF} or ${JSON_TYPE}`);
}

/** What was refused of a push; `count` 0 means that all was taken. */
export type Rejected = { readonly count: number; readonly why: string };

/** ExportMetricsServiceResponse or ExportLogsServiceResponse; `field` is the JSON name of the count. */
export function exportAnswer(
  encoding: Encoding,
  { count, why }: Rejected,
  field: "rejectedDataPoints" | "rejectedLogRecords",
): PushAnswer {
  if (encoding === "json") {
    // Integers of 64 bits are texts in the JSON mapping.
    const body = count === 0 ? {} : { partialSuccess: { [field]: String(count), errorMessage: why } };
    return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(body) };
  }
  const writer = new BinaryWriter();
  if (count > 0) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int64(count).tag(2, WireType.LengthDelimited).string(why).join();
  }
  return { status: 200, contentType: PROTOBUF, body: writer.finish() };
}

/** A google.rpc.Status in the encoding of the request, JSON where that is none of the two. */
export function statusAnswer({ status, message }: HttpProblem, headers: IncomingHttpHeaders): PushAnswer {
  const code = CODES[status] ?? INTERNAL;
  if (mediaType(headers) !== PROTOBUF)
    return { status, contentType: JSON_TYPE, body: JSON.stringify({ code, message }) };
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(message);
  return { status, contentType: PROTOBUF, body: writer.finish() };
}

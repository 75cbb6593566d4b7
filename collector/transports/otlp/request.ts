import { parseJson } from "../../../lib/runtime/json.ts";
import { isMessage, listIn, NotOtlp, type OtlpMessage } from "../../sources/otlp/values.ts";
import { HttpProblem } from "../body.ts";
import { decodeProtobuf, type ProtoMessage } from "../protobuf.ts";
import type { Encoding } from "./answers.ts";
import { checkShape } from "./json-shape.ts";

/** Largest body, decompressed: what the specification recommends. */
const MAX_BYTES = 20 * 1024 * 1024;
/** Messages within one request: data points, records, attributes and their values. */
const MAX_MESSAGES = 1_000_000;

/** Decodes a request. Throws HttpProblem: 400 unreadable, 413 too large. */
export function decodeRequest(body: Buffer, encoding: Encoding, message: ProtoMessage): OtlpMessage {
  if (body.length > MAX_BYTES) throw new HttpProblem(413, `the body is larger than ${MAX_BYTES} bytes`);
  if (encoding === "protobuf") return decodeProtobuf(body, message, MAX_MESSAGES);
  checkShape(body, MAX_MESSAGES);
  let value: unknown;
  try {
    value = parseJson(body.toString("utf8"));
  } catch (error) {
    throw new HttpProblem(400, `the body is no JSON: ${(error as Error).message}`);
  }
  if (!isMessage(value)) throw new HttpProblem(400, "the body must be a JSON object");
  return value;
}

type Names = { readonly resources: string; readonly scopes: string; readonly items: string };

/** Calls back for every item (metric, log record) with the message of its resource. Throws HttpProblem 400. */
export function eachItem(
  request: OtlpMessage,
  { resources, scopes, items }: Names,
  visit: (item: OtlpMessage, resource: OtlpMessage) => void,
): void {
  try {
    for (const resource of listIn(request, resources))
      for (const scope of listIn(resource, scopes))
        for (const item of listIn(scope, items)) visit(item, resource);
  } catch (error) {
    if (error instanceof NotOtlp) throw new HttpProblem(400, error.message);
    throw error;
  }
}

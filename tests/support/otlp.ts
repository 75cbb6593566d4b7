import {
  bool,
  bytes,
  double,
  type Field,
  fixed64,
  int64,
  message,
  nested,
  sfixed64,
  text,
} from "./protobuf.ts";

export type TestAttributes = Readonly<Record<string, string | number | boolean>>;

const NANOS = 1_000_000n;
const nanos = (atMs: number): bigint => BigInt(atMs) * NANOS;

const attribute = (number: number, [key, value]: readonly [string, string | number | boolean]): Field =>
  nested(number, text(1, key), nested(2, anyValue(value)));

function anyValue(value: string | number | boolean): Field {
  if (typeof value === "string") return text(1, value);
  if (typeof value === "boolean") return bool(2, value);
  return Number.isInteger(value) ? int64(3, value) : double(4, value);
}

const attributes = (number: number, of: TestAttributes): Field[] =>
  Object.entries(of).map((entry) => attribute(number, entry));

/** A request: one resource with one scope of these items. */
function request(resource: TestAttributes, items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const scope = [nested(1, text(1, "test")), ...items.map((item) => bytes(2, item))];
  return message(nested(1, nested(1, ...attributes(1, resource)), nested(2, ...scope)));
}

export const DELTA = 1;
export const CUMULATIVE = 2;

export type TestPoint = {
  readonly atMs: number;
  readonly value: number;
  readonly startMs?: number;
  readonly attributes?: TestAttributes;
};

/** ExportMetricsServiceRequest of one monotonic sum. */
export function sumRequest(
  resource: TestAttributes,
  metric: { readonly name: string; readonly temporality: number; readonly points: readonly TestPoint[] },
): Uint8Array<ArrayBuffer> {
  const points = metric.points.map(({ atMs, value, startMs = 0, attributes: own = {} }) =>
    nested(
      1,
      fixed64(2, nanos(startMs)),
      fixed64(3, nanos(atMs)),
      sfixed64(6, value),
      ...attributes(7, own),
      // An exemplar, which is none of ours.
      nested(5, fixed64(2, nanos(atMs)), sfixed64(6, 1)),
    ),
  );
  const sum = nested(7, ...points, int64(2, metric.temporality), bool(3, true));
  return request(resource, [message(text(1, metric.name), text(2, "help"), sum)]);
}

export type TestRecord = {
  readonly atMs?: number;
  readonly observedMs?: number;
  readonly body?: string;
  readonly attributes?: TestAttributes;
};

/** ExportLogsServiceRequest. */
export function logsRequest(
  resource: TestAttributes,
  records: readonly TestRecord[],
): Uint8Array<ArrayBuffer> {
  return request(
    resource,
    records.map(({ atMs = 0, observedMs = 0, body = "", attributes: own = {} }) =>
      message(
        fixed64(1, nanos(atMs)),
        int64(2, 9),
        nested(5, text(1, body)),
        ...attributes(6, own),
        bytes(9, new Uint8Array(16).fill(1)),
        fixed64(11, nanos(observedMs)),
      ),
    ),
  );
}

/** Sends a body as an exporter does. */
export function otlp(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const type = typeof body === "string" ? "application/json" : "application/x-protobuf";
  return fetch(url, { method: "POST", body, headers: { "content-type": type, ...headers } });
}

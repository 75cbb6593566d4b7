import { compress } from "snappyjs";
import { double, int64, message, nested, text } from "./protobuf.ts";

export type TestSeries = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [atMs: number, value: number])[];
};

/** A prometheus.WriteRequest (remote write 1.0). */
export function writeRequest(series: readonly TestSeries[]): Uint8Array<ArrayBuffer> {
  return message(
    ...series.map(({ labels, samples }) =>
      nested(
        1,
        ...Object.entries(labels).map(([name, value]) => nested(1, text(1, name), text(2, value))),
        ...samples.map(([atMs, value]) => nested(2, double(1, value), int64(2, atMs))),
        // An exemplar and metadata, which are none of ours.
        nested(3, nested(1, text(1, "trace_id"), text(2, "abc")), double(2, 1)),
      ),
    ),
    nested(3, int64(1, 1), text(2, "up"), text(4, "help")),
  );
}

/** Of remote write 1.0. */
export const REMOTE_WRITE_HEADERS = {
  "content-type": "application/x-protobuf",
  "content-encoding": "snappy",
  "x-prometheus-remote-write-version": "0.1.0",
};

/** Sends a request as Prometheus does. */
export function remoteWrite(
  url: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/api/v1/write`, {
    method: "POST",
    body: new Uint8Array(compress(body)),
    headers: { ...REMOTE_WRITE_HEADERS, ...headers },
  });
}

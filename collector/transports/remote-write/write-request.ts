import { decodeProtobuf, type ProtoMessage } from "../protobuf.ts";

/** Series, labels and samples that one request may hold together; Prometheus sends 2,000 samples at a time. */
const MAX_ITEMS = 1_000_000;

/** prometheus.WriteRequest of remote write 1.0 (prompb/remote.proto, types.proto), without what is not counted. */
const WRITE_REQUEST: ProtoMessage = {
  1: {
    name: "timeseries",
    repeated: true,
    type: {
      1: {
        name: "labels",
        repeated: true,
        type: { 1: { name: "name", type: "string" }, 2: { name: "value", type: "string" } },
      },
      2: {
        name: "samples",
        repeated: true,
        type: { 1: { name: "value", type: "double" }, 2: { name: "timestamp", type: "int64" } },
      },
    },
  },
};

/** One series of a write request. */
export type Series = {
  readonly name: string;
  /** All labels but the name. */
  readonly labels: Readonly<Record<string, string>>;
  /** In the order sent; `value` may be any double, NaN among them. */
  readonly samples: readonly { readonly value: number; readonly atMs: number }[];
};

/**
 * Decodes a write request, series by series. Exemplars, native histograms and metadata are skipped. Throws HttpProblem:
 * 400 unreadable, 413 too many items.
 */
export function decodeWriteRequest(body: Uint8Array): Series[] {
  const { timeseries } = decodeProtobuf(body, WRITE_REQUEST, MAX_ITEMS) as WireRequest;
  return (timeseries ?? []).map(({ labels = [], samples = [] }) => {
    const named = Object.fromEntries(labels.map(({ name = "", value = "" }) => [name, value]));
    const { __name__: name = "", ...others } = named;
    return {
      name,
      labels: others,
      // proto3 leaves zeros out.
      samples: samples.map(({ value = 0, timestamp = 0n }) => ({ value, atMs: Number(timestamp) })),
    };
  });
}

type WireRequest = {
  readonly timeseries?: readonly {
    readonly labels?: readonly { readonly name?: string; readonly value?: string }[];
    readonly samples?: readonly { readonly value?: number; readonly timestamp?: bigint }[];
  }[];
};

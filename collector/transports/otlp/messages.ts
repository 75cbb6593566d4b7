/**
 * What is read of OTLP (opentelemetry-proto 1.x): metrics/v1, logs/v1, common/v1 and resource/v1. Arrays, maps and bytes
 * among attribute values are skipped, so nothing nests deeper than these descriptions.
 */
import type { ProtoMessage } from "../protobuf.ts";

const ANY_VALUE: ProtoMessage = {
  1: { name: "stringValue", type: "string" },
  2: { name: "boolValue", type: "bool" },
  3: { name: "intValue", type: "int64" },
  4: { name: "doubleValue", type: "double" },
};
const KEY_VALUE: ProtoMessage = {
  1: { name: "key", type: "string" },
  2: { name: "value", type: ANY_VALUE },
};
const RESOURCE: ProtoMessage = { 1: { name: "attributes", type: KEY_VALUE, repeated: true } };

const NUMBER_POINT: ProtoMessage = {
  2: { name: "startTimeUnixNano", type: "fixed64" },
  3: { name: "timeUnixNano", type: "fixed64" },
  4: { name: "asDouble", type: "double" },
  6: { name: "asInt", type: "sfixed64" },
  7: { name: "attributes", type: KEY_VALUE, repeated: true },
  8: { name: "flags", type: "uint32" },
};
const HISTOGRAM_POINT: ProtoMessage = {
  2: { name: "startTimeUnixNano", type: "fixed64" },
  3: { name: "timeUnixNano", type: "fixed64" },
  4: { name: "count", type: "fixed64" },
  9: { name: "attributes", type: KEY_VALUE, repeated: true },
  10: { name: "flags", type: "uint32" },
};
const EXPONENTIAL_POINT: ProtoMessage = {
  1: { name: "attributes", type: KEY_VALUE, repeated: true },
  2: { name: "startTimeUnixNano", type: "fixed64" },
  3: { name: "timeUnixNano", type: "fixed64" },
  4: { name: "count", type: "fixed64" },
  10: { name: "flags", type: "uint32" },
};

const dataOf = (point: ProtoMessage): ProtoMessage => ({
  1: { name: "dataPoints", type: point, repeated: true },
  2: { name: "aggregationTemporality", type: "uint32" },
  3: { name: "isMonotonic", type: "bool" },
});
const METRIC: ProtoMessage = {
  1: { name: "name", type: "string" },
  5: { name: "gauge", type: { 1: { name: "dataPoints", type: NUMBER_POINT, repeated: true } } },
  7: { name: "sum", type: dataOf(NUMBER_POINT) },
  9: { name: "histogram", type: dataOf(HISTOGRAM_POINT) },
  10: { name: "exponentialHistogram", type: dataOf(EXPONENTIAL_POINT) },
};

const LOG_RECORD: ProtoMessage = {
  1: { name: "timeUnixNano", type: "fixed64" },
  5: { name: "body", type: ANY_VALUE },
  6: { name: "attributes", type: KEY_VALUE, repeated: true },
  11: { name: "observedTimeUnixNano", type: "fixed64" },
};

/** A request: a list of resources, each with scopes, each with a list of `items`. */
function requestOf(
  names: { resources: string; scopes: string; items: string },
  item: ProtoMessage,
): ProtoMessage {
  const scope: ProtoMessage = { 2: { name: names.items, type: item, repeated: true } };
  const resource: ProtoMessage = {
    1: { name: "resource", type: RESOURCE },
    2: { name: names.scopes, type: scope, repeated: true },
  };
  return { 1: { name: names.resources, type: resource, repeated: true } };
}

/** ExportMetricsServiceRequest. */
export const METRICS_REQUEST: ProtoMessage = requestOf(
  { resources: "resourceMetrics", scopes: "scopeMetrics", items: "metrics" },
  METRIC,
);

/** ExportLogsServiceRequest. */
export const LOGS_REQUEST: ProtoMessage = requestOf(
  { resources: "resourceLogs", scopes: "scopeLogs", items: "logRecords" },
  LOG_RECORD,
);

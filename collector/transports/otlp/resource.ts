import type { Producer } from "../../counters/points.ts";
import { isName } from "../../pipeline/names.ts";
import {
  type Attributes,
  attributesOf,
  messageIn,
  type OtlpMessage,
  textAmong,
} from "../../sources/otlp/values.ts";

/** A resource (semantic conventions of resources), as far as it says where telemetry comes from. */
export type Resource = { readonly attributes: Attributes; readonly producer: Producer };

/** The resource of a ResourceMetrics or ResourceLogs message. Throws NotOtlp where the JSON is none. */
export function resourceOf(parent: OtlpMessage): Resource {
  const attributes = attributesOf(messageIn(parent, "resource"));
  const service = textAmong(attributes, "service.name");
  const instance = textAmong(attributes, "service.instance.id");
  // The Collector's Prometheus receiver has host:port as the instance.
  const node = textAmong(attributes, "host.name") ?? instance?.replace(/:\d{1,5}$/, "") ?? null;
  const parts = [textAmong(attributes, "service.namespace"), service, instance];
  return {
    attributes,
    producer: {
      endpoint: textAmong(attributes, "server.address") ?? service,
      node,
      region: textAmong(attributes, "cloud.region"),
      sender: nameOf(node) ?? nameOf(service) ?? "",
      process: parts.filter((part) => part !== null).join(" "),
    },
  };
}

/** A text that can be kept as a name; one that cannot names nobody. */
function nameOf(text: string | null): string | null {
  return text !== null && isName(text) ? text : null;
}

import { parseJson } from "../../../lib/runtime/json.ts";
import type { Source } from "../source.ts";
import { parseWireHandshake } from "./parse.ts";

/** Reprise's own events: what a proxy, a library or a pipeline sends that knows everything itself. */
export const nativeSource: Source = {
  name: "native",
  title: "Native events",
  system: null,
  capabilities: {
    unit: "event",
    outcome: "yes",
    offer: "yes",
    mechanism: "yes",
    rejectionReason: "yes",
    protocol: "yes",
    earlyData: "yes",
    handshakeTime: "yes",
    failures: "yes",
    cache: "yes",
    keyRotation: "yes",
    notes: [
      "Whatever the sender leaves out stays unknown.",
      "keyName, ticketId and client are replaced by keyed hashes on arrival.",
    ],
  },
  configurations: [
    {
      title: "One handshake with curl",
      transport: "http",
      language: "bash",
      text: `curl -s {{collector}}/v1/handshakes -H 'content-type: application/x-ndjson' --data-binary \\
  "{\\"ts\\":$(date +%s000),\\"endpoint\\":\\"shop.example\\",\\"node\\":\\"edge-1\\",\\"protocol\\":\\"TLSv1.3\\",\\"outcome\\":\\"resumed\\",\\"offer\\":\\"psk\\",\\"mechanism\\":\\"psk\\",\\"handshakeUs\\":1873}"`,
    },
  ],
  recognises: (line) => line.startsWith("{") && line.includes('"outcome"') && line.includes('"ts"'),
  decoder: (defaults) => ({
    decode(line) {
      let value: unknown;
      try {
        value = parseJson(line);
      } catch {
        return { kind: "refused", reason: "not JSON" };
      }
      const parsed = parseWireHandshake(value);
      if (!parsed.ok) return { ...parsed, kind: "refused" };
      const { endpoint, node, region } = parsed.value;
      return {
        kind: "handshake",
        handshake: {
          ...parsed.value,
          endpoint: endpoint ?? defaults.endpoint,
          node: node ?? defaults.node,
          region: region ?? defaults.region,
        },
      };
    },
  }),
};

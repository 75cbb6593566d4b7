import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { AddressConnections, type AddressedRequest } from "../address-connections.ts";
import { hostOfAddress } from "../addresses.ts";
import { agentYaml } from "../agent-yaml.ts";
import { familyOf } from "../family.ts";
import { type Fields, keyOf, numberOf, objectOf, textOf, unknownProtocol } from "../fields.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";
import { isoMs } from "../timestamps.ts";

/** respondingTimeouts.idleTimeout of an entry point, by default: later, an equal address is another connection. */
const IDLE_MS = 180_000;

/** TLS versions as Traefik writes them; "unknown" for one that it does not know. */
const VERSIONS: ReadonlyMap<string, Protocol | null> = new Map<string, Protocol | null>([
  ["1.0", "TLSv1"],
  ["1.1", "TLSv1.1"],
  ["1.2", "TLSv1.2"],
  ["1.3", "TLSv1.3"],
  ["unknown", null],
]);

/** Traefik 2 and 3, access log in JSON. */
export const traefikSource: Source = {
  name: "traefik",
  title: "Traefik",
  system: "traefik",
  capabilities: {
    unit: "request",
    outcome: "no",
    offer: "no",
    mechanism: "no",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "no",
    failures: "no",
    cache: "no",
    keyRotation: "no",
    notes: [
      "Nothing about resumption: connections count as neither full nor resumed; versions, ciphers and client families only.",
      "Lines are requests without a connection id; Reprise takes equal client address, port and TLS flags within 3 minutes of idling as one connection.",
      "The endpoint is the host of the connection's first request; failed handshakes and connections without a request are not in this log.",
      "Keep ClientAddr, StartUTC, Duration, RequestHost, RequestProtocol, TLSVersion and TLSCipher; User-Agent gives the client family.",
    ],
  },
  configurations: [
    {
      title: "To a file",
      transport: "agent",
      language: "yaml",
      text: `# traefik.yml (static configuration)
accessLog:
  filePath: /var/log/traefik/access.log
  format: json
  fields:
    defaultMode: keep
    headers:
      defaultMode: drop
      names:
        User-Agent: keep

${agentYaml("traefik", ["/var/log/traefik/access.log"])}`,
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: "curl -s '{{collector}}/v1/lines/traefik?node=edge-1&region=eu' --data-binary @/var/log/traefik/access.log",
    },
  ],
  recognises: (line) =>
    line.startsWith("{") && line.includes('"ClientAddr":"') && line.includes('"DownstreamStatus":'),
  decoder: (defaults) => new TraefikDecoder(defaults),
};

class TraefikDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #connections = new AddressConnections(IDLE_MS);

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string): Decoded {
    const fields = objectOf(line);
    if (fields === null) return { kind: "refused", reason: "not JSON" };
    const version = textOf(fields.TLSVersion);
    if (version === null) return { kind: "ignored", why: "irrelevant" };
    const protocol = VERSIONS.get(version);
    if (protocol === undefined) return { kind: "refused", reason: unknownProtocol(version) };
    const startMs = isoMs(fields.StartUTC);
    if (startMs === null) return { kind: "refused", reason: "StartUTC is no ISO 8601 time" };
    const address = textOf(fields.ClientAddr);
    if (address === null) return { kind: "refused", reason: "ClientAddr is missing" };
    if (this.#connections.isRepeat(requestOf(fields, startMs))) return { kind: "ignored", why: "repeat" };
    const cipher = textOf(fields.TLSCipher);
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        // The request follows its handshake at once; the log has no better time.
        atMs: startMs,
        endpoint: textOf(fields.RequestHost) ?? this.#defaults.endpoint,
        node: this.#defaults.node,
        region: this.#defaults.region,
        family: familyOf(textOf(fields["request_User-Agent"])),
        protocol,
        cipher: cipher === "unknown" ? null : cipher,
        outcome: null,
        client: hostOfAddress(address),
      },
    };
  }
}

function requestOf(fields: Fields, startMs: number): AddressedRequest {
  // Duration is in nanoseconds; the line is written when the request is over.
  const durationMs = Math.max(0, numberOf(fields.Duration) ?? 0) / 1_000_000;
  return {
    address: keyOf(fields.ClientAddr),
    flags: keyOf(fields.TLSVersion, fields.TLSCipher, fields.RequestProtocol),
    startMs,
    endMs: startMs + durationMs,
  };
}

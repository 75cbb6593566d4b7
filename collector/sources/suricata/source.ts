import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { agentYaml } from "../agent-yaml.ts";
import { type Fields, objectOf, textOf, unknownProtocol } from "../fields.ts";
import type { Decoded, LineDefaults, Source } from "../source.ts";
import { isoMs } from "../timestamps.ts";

/** Version names as Suricata writes them. */
const VERSIONS: ReadonlyMap<string, Protocol> = new Map([
  ["SSLv3", "SSLv3"],
  ["TLSv1", "TLSv1"],
  ["TLS 1.1", "TLSv1.1"],
  ["TLS 1.2", "TLSv1.2"],
  ["TLS 1.3", "TLSv1.3"],
]);
/** Written where no ServerHello was seen: nothing was completed, and nothing says that it failed. */
const NO_SERVER_HELLO = "UNDETERMINED";

const EVE = `# suricata.yaml
outputs:
  - eve-log:
      enabled: yes`;
const TLS_EVENTS = `      types:
        - tls:
            extended: yes            # version and server name
            session-resumption: yes`;

/** Suricata 4 and newer, eve.json, events of type tls. */
export const suricataSource: Source = {
  name: "suricata",
  title: "Suricata",
  system: "suricata",
  capabilities: {
    unit: "connection",
    outcome: "partly",
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
      "Blind to TLS 1.3: session_resumed is told up to TLS 1.2 only, where the server echoes the client's session id and no certificate is seen.",
      "A server certificate in the event proves a full handshake; an absent session_resumed alone never does: without either the outcome is not known.",
      "A ticket is offered beside a session id that the client made up, so ticket and session id cannot be told apart.",
      "Failed handshakes are no tls events.",
      "Suricata watches the wire: the node is the server address that it saw (dest_ip), not the sensor. In front of a balancer that is the balancer's address.",
      "Point it at servers whose own logs are not connected: Reprise cannot know that Suricata and a proxy under another name tell of the same handshakes, and would count them twice.",
      "Have it log your own servers only (HOME_NET, a BPF filter): it also sees connections that your hosts open to others.",
    ],
  },
  configurations: [
    {
      title: "To a file",
      transport: "agent",
      language: "yaml",
      text: `${EVE}
      filetype: regular
      filename: eve.json
${TLS_EVENTS}

${agentYaml("suricata", ["/var/log/suricata/eve.json"])}`,
    },
    {
      title: "Over syslog",
      transport: "syslog",
      language: "yaml",
      text: `${EVE}
      filetype: syslog               # to this machine's syslog
      identity: "suricata"
      facility: local5
      level: Info
${TLS_EVENTS}

# /etc/rsyslog.d/reprise.conf passes it on:
# if $programname == 'suricata' then action(type="omfwd" target="{{syslog_host}}" port="{{syslog_port}}" protocol="tcp")`,
    },
  ],
  recognises: (line) =>
    line.startsWith("{") && line.includes('"event_type":"') && line.includes('"timestamp":"'),
  decoder: (defaults) => ({ decode: (line) => decode(line, defaults) }),
};

function decode(line: string, defaults: LineDefaults): Decoded {
  const event = objectOf(line);
  if (event === null) return { kind: "refused", reason: "not JSON" };
  if (event.event_type !== "tls") return { kind: "ignored", why: "irrelevant" };
  const atMs = isoMs(event.timestamp);
  if (atMs === null) return { kind: "refused", reason: "timestamp is no ISO 8601 time" };
  if (typeof event.tls !== "object" || event.tls === null)
    return { kind: "refused", reason: "tls is missing" };
  const tls = event.tls as Fields;
  const version = textOf(tls.version);
  if (version === NO_SERVER_HELLO) return { kind: "ignored", why: "irrelevant" };
  const protocol = version === null ? null : VERSIONS.get(version);
  if (protocol === undefined) return { kind: "refused", reason: unknownProtocol(version ?? "") };
  return {
    kind: "handshake",
    handshake: {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      endpoint: textOf(tls.sni) ?? defaults.endpoint,
      node: textOf(event.dest_ip) ?? defaults.node,
      region: defaults.region,
      protocol,
      outcome: outcomeOf(tls, protocol),
      client: textOf(event.src_ip),
    },
  };
}

/**
 * Up to TLS 1.2 a resumed handshake carries no certificate (RFC 5246 7.3), so one that was seen proves a full one. In
 * TLS 1.3 the certificate is encrypted, and an echoed session id is the compatibility mode's (RFC 8446 D.4).
 */
function outcomeOf(tls: Fields, protocol: Protocol | null): "full" | "resumed" | null {
  if (protocol === "TLSv1.3") return null;
  if (tls.session_resumed === true) return "resumed";
  return textOf(tls.subject) !== null || textOf(tls.issuerdn) !== null ? "full" : null;
}

import { agentYaml } from "../agent-yaml.ts";
import type { LineDecoder, LineDefaults, Source } from "../source.ts";
import { NghttpxConnections } from "./access-log.ts";
import { isErrorLine, NghttpxErrorLog } from "./error-log.ts";

const FORMAT = `{"time":"$time_iso8601","pid":"$pid","remote_addr":"$remote_addr","remote_port":"$remote_port","tls_protocol":"$tls_protocol","tls_cipher":"$tls_cipher","tls_session_id":"$tls_session_id","tls_session_reused":"$tls_session_reused","tls_sni":"$tls_sni","alpn":"$alpn","ua":"$http_user_agent"}`;

/** nghttpx 1.40 and newer, access and error log. */
export const nghttpxSource: Source = {
  name: "nghttpx",
  title: "nghttpx",
  system: "nghttpx",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "partly",
    mechanism: "partly",
    rejectionReason: "partly",
    protocol: "yes",
    earlyData: "partly",
    handshakeTime: "partly",
    failures: "partly",
    cache: "no",
    keyRotation: "partly",
    notes: [
      "Access lines are requests without a connection id: equal client address, port and TLS flags are taken as one connection, so a client that uses one port again at once is counted once.",
      "The access log's clock is cached: its times are up to a second old.",
      "TLS 1.2 session ids are told from tickets by the id of the full handshake, where the access log reaches back to it.",
      "The access log leaves out connections without a request and failed handshakes.",
      "The error log at INFO tells every handshake by itself: offered tickets, keys that were not found, time in milliseconds, failures, accepted early data. It names no server name and no client family, and it writes down request headers.",
      "Send the access log or the error log at INFO, not both: handshakes would count twice. Only where both come in one stream are access lines left out, once INFO lines have told of a handshake.",
      "At INFO, a refused session id looks like none: offers of clients that take no tickets stay unknown. With single-thread=yes all offers do.",
      "Key rotations are seen where nghttpx makes its own keys; a new key file shows as a reload.",
      "nghttpx 1.52 crashes when $tls_session_id is logged for a clear-text frontend: leave it out where one exists.",
    ],
  },
  configurations: [
    {
      title: "Access log to a file, with the agent",
      transport: "agent",
      language: "bash",
      text: `# in nghttpx.conf
log-level=NOTICE
errorlog-file=/var/log/nghttpx/error.log
accesslog-file=/var/log/nghttpx/reprise.json.log
accesslog-format=${FORMAT}

${agentYaml("nghttpx", ["/var/log/nghttpx/reprise.json.log", "/var/log/nghttpx/error.log"])}`,
    },
    {
      title: "Error log at INFO (offers, refused keys, failures), with the agent",
      transport: "agent",
      language: "bash",
      text: `# in nghttpx.conf; INFO lines hold request headers: keep this file to yourself, and rotate it often
log-level=INFO
errorlog-file=/var/log/nghttpx/error.log

${agentYaml("nghttpx", ["/var/log/nghttpx/error.log"])}`,
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: "curl -s '{{collector}}/v1/lines/nghttpx?node=edge-1&region=eu' --data-binary @/var/log/nghttpx/reprise.json.log",
    },
  ],
  recognises: (line) => (line.startsWith("{") && line.includes('"tls_session_reused"')) || isErrorLine(line),
  decoder: (defaults) => nghttpxDecoder(defaults),
};

// A line of the headers that messages at INFO go on with. They may hold secrets, so none is ever kept as a refused line.
const HEADER = /^(?::?[\w!#$%&'*+.^`|~-]+: |[A-Z]+ \S+ HTTP\/\d|HTTP\/\d)/;

function nghttpxDecoder(defaults: LineDefaults): LineDecoder {
  const connections = new NghttpxConnections(defaults);
  const errorLog = new NghttpxErrorLog(defaults);
  return {
    decode(line) {
      if (isErrorLine(line)) return errorLog.decode(line);
      if (HEADER.test(line) || (errorLog.isVerbose && !line.startsWith("{")))
        return { kind: "ignored", why: "irrelevant" };
      const decoded = connections.decode(line);
      return decoded.kind === "handshake" && errorLog.tellsHandshakes
        ? { kind: "ignored", why: "repeat" }
        : decoded;
    },
  };
}

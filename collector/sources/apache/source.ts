import { agentYaml } from "../agent-yaml.ts";
import { looseObjectOf } from "../loose-json.ts";
import type { LineDecoder, LineDefaults, Source } from "../source.ts";
import { ApacheConnections } from "./connections.ts";
import { parseErrorLine } from "./error-log.ts";

const LOG_FORMAT = String.raw`LogFormat "{\"t_begin_us\":%{begin:usec}t,\"conn_log_id\":\"%{c}L\",\"ip\":\"%a\",\"ssl_protocol\":\"%{SSL_PROTOCOL}x\",\"ssl_cipher\":\"%{SSL_CIPHER}x\",\"ssl_session_resumed\":\"%{SSL_SESSION_RESUMED}x\",\"ssl_session_id\":\"%{SSL_SESSION_ID}x\",\"sni\":\"%{SSL_TLS_SNI}x\",\"ua\":\"%{User-Agent}i\"}" reprise`;

// The space in "client\ %a" is escaped, else the bracket stays open on lines without a client.
const ERROR_FORMAT = String.raw`LogLevel info ssl:debug
ErrorLogFormat "[%{cu}t] [%-m:%l] [pid %P:tid %T] [c:%{c}L] [client\ %a] %M"`;

const LOGGER =
  '"|/usr/bin/logger -n {{syslog_host}} -P {{syslog_port}} -d -t apache -p local6.info --rfc3164 -S 4096"';

const FILES = ["/var/log/apache2/reprise.json.log", "/var/log/apache2/reprise.error.log"] as const;

/** Where the lines belong: a virtual host's own ErrorLog would take its handshakes away from the server's. */
const where = (log: string): string => `# In the server's configuration, outside of <VirtualHost>.
# A <VirtualHost> with an ErrorLog or CustomLog of its own needs these lines too: ${log}.`;

/** Apache httpd 2.4 with mod_ssl: access log in JSON and error log at ssl:debug. */
export const apacheSource: Source = {
  name: "apache",
  title: "Apache httpd",
  system: "apache",
  capabilities: {
    unit: "request",
    outcome: "partly",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "partly",
    failures: "partly",
    cache: "no",
    keyRotation: "no",
    notes: [
      "The access log tells of connections with a request; Reprise reduces its lines to connections by the connection log id.",
      "The error log at ssl:debug adds failed handshakes with their cause, handshake time, and connections without a request, of which it does not say whether they resumed. Alone it counts nothing else: connections with a request are the access log's to tell.",
      "Apache gives a connection log id from LogLevel ssl:info on; access lines without one are refused.",
      "Handshake time is AH02041 - AH01964 in microseconds. It needs both logs in one stream (one host, or one node of the agent), and the error log's lines first.",
      "TLS 1.2 session ids are told from tickets by the id of the full handshake, where the log reaches back to it: to a start or reload that the stream has seen (AH00830, the shmcb cache is made anew), or a day. The id of a full handshake without a request is in no log.",
      "A connection that is reset before its ClientHello leaves no line.",
      "Without SSLSessionTicketKeyFile each reload makes a new ticket key; the shmcb session cache is emptied by each reload too.",
      "Times in the error log carry no zone: on a live stream its lines are dated by their arrival.",
    ],
  },
  configurations: [
    {
      title: "Over syslog (UDP), through logger",
      transport: "syslog",
      language: "apache",
      text: `${where("ErrorLog, CustomLog")}
${ERROR_FORMAT}
${LOG_FORMAT}
ErrorLog ${LOGGER}
CustomLog ${LOGGER} reprise`,
    },
    {
      title: "To files, for the agent",
      transport: "agent",
      language: "apache",
      text: `${where("ErrorLog, CustomLog")}
${ERROR_FORMAT}
${LOG_FORMAT}
ErrorLog ${FILES[1]}
CustomLog ${FILES[0]} reprise`,
    },
    {
      title: "The agent that follows the files",
      transport: "agent",
      language: "yaml",
      text: agentYaml("apache", [FILES[1], FILES[0]]),
    },
  ],
  recognises: (line) =>
    (line.startsWith("{") && line.includes('"conn_log_id"') && line.includes('"ssl_session_resumed"')) ||
    parseErrorLine(line) !== null,
  decoder: (defaults) => apacheDecoder(defaults),
};

function apacheDecoder(defaults: LineDefaults): LineDecoder {
  const connections = new ApacheConnections(defaults);
  return {
    decode(line, receivedMs) {
      if (line.startsWith("{")) {
        const fields = looseObjectOf(line);
        return fields === null ? { kind: "refused", reason: "not JSON" } : connections.access(fields);
      }
      const error = parseErrorLine(line);
      return error === null
        ? { kind: "refused", reason: "neither the reprise LogFormat nor the recommended ErrorLogFormat" }
        : connections.error(error, receivedMs);
    },
  };
}

import { invariant } from "../../../lib/runtime/invariant.ts";
import { numberOf, objectOf } from "../fields.ts";
import { ownFormat } from "../formats/configurations.ts";
import { syslogOverTls } from "../rsyslog.ts";
import type { LineDecoder, LineDefaults, Source } from "../source.ts";
import { decodeErrorLine, isErrorLine } from "./error-log.ts";
import { nginxFormat } from "./format.ts";
import { type AccessLine, NginxConnections } from "./map.ts";

const LOG_FORMAT = `log_format reprise escape=json '{"msec":"$msec","pid":$pid,"connection":$connection,'
  '"connection_requests":$connection_requests,"connection_time":"$connection_time","request_time":"$request_time",'
  '"ssl_protocol":"$ssl_protocol","ssl_cipher":"$ssl_cipher","ssl_curve":"$ssl_curve",'
  '"ssl_session_reused":"$ssl_session_reused","ssl_session_id":"$ssl_session_id","ssl_early_data":"$ssl_early_data",'
  '"ssl_server_name":"$ssl_server_name","remote_addr":"$remote_addr","remote_port":"$remote_port",'
  '"http_user_agent":"$http_user_agent"}';`;

/** One that many have, with what Reprise needs behind it. */
const OWN_FORMAT = `log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
  '"$http_referer" "$http_user_agent" $msec $ssl_protocol $ssl_session_reused $ssl_server_name '
  '$pid $connection $connection_requests $connection_time';`;

/** The same as text, for those who also read their logs by eye. */
const TEXT_FORMAT = `log_format reprise '$msec $connection $connection_requests $ssl_protocol $ssl_cipher '
  'reused=$ssl_session_reused early=$ssl_early_data sni="$ssl_server_name" sid=$ssl_session_id '
  'rt=$request_time ct=$connection_time ua="$http_user_agent"';`;
/** How a line in that form begins. */
const TEXT_START = /^\d{1,12}\.\d{3} \d+ \d+ /;
const TEXT = textForm();

function textForm() {
  const form = nginxFormat(TEXT_FORMAT);
  invariant(form.ok, "the text form compiles");
  return form;
}

/** nginx 1.19.10 and newer (for $connection_time): access log in JSON, as text or in a format of its operator's; error log. */
export const nginxSource: Source = {
  name: "nginx",
  title: "nginx",
  system: "nginx",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "partly",
    handshakeTime: "partly",
    failures: "partly",
    cache: "no",
    keyRotation: "no",
    notes: [
      "Lines are requests; Reprise reduces them to connections by process and connection number.",
      "Connections without a request are not in the access log; failed handshakes are in the error log at level info.",
      "TLS 1.2 session ids are told from tickets by the id of the full handshake, where the log reaches back to it.",
      "Handshake time is $connection_time - $request_time of the first request: it runs until that request is read.",
      "Early data shows on the early request only; rejected early data is invisible.",
      "A log_format of your own does as well, if it holds $msec (or another time), $ssl_session_reused, $ssl_protocol, $connection and $connection_requests.",
    ],
  },
  configurations: [
    {
      title: "Over syslog (UDP)",
      transport: "syslog",
      language: "nginx",
      text: `# in http { … }
${LOG_FORMAT}
access_log syslog:server={{syslog}},facility=local7,tag=nginx,severity=info reprise;
error_log  syslog:server={{syslog}},facility=local6,tag=nginx_err info;   # info shows failed handshakes`,
    },
    {
      title: "As text over syslog",
      transport: "syslog",
      language: "nginx",
      text: `# in http { … }
${TEXT_FORMAT}
access_log syslog:server={{syslog}},facility=local7,tag=nginx,severity=info reprise;
error_log  syslog:server={{syslog}},facility=local6,tag=nginx_err info;   # info shows failed handshakes`,
    },
    syslogOverTls("access_log syslog:server=127.0.0.1:5140,facility=local7,tag=nginx,severity=info reprise;"),
    {
      title: "To a file",
      transport: "agent",
      language: "nginx",
      text: `# in http { … }
${LOG_FORMAT}
access_log /var/log/nginx/reprise.json.log reprise;
error_log  /var/log/nginx/error.log info;`,
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: "curl -s '{{collector}}/v1/lines/nginx?node=edge-1&region=eu' --data-binary @/var/log/nginx/reprise.json.log",
    },
    ...ownFormat("nginx", {
      format: OWN_FORMAT,
      formatFile: "log_format.conf",
      logFile: "/var/log/nginx/access.log",
    }),
  ],
  recognises: (line) =>
    (line.startsWith("{") && line.includes('"ssl_session_reused"')) ||
    isErrorLine(line) ||
    (TEXT_START.test(line) && TEXT.recognises(line)),
  decoder: (defaults) => nginxDecoder(defaults),
  withFormat: nginxFormat,
};

function nginxDecoder(defaults: LineDefaults): LineDecoder {
  const connections = new NginxConnections(defaults);
  const text = TEXT.decoder(defaults);
  return {
    decode(line, receivedMs) {
      if (line.startsWith("{")) {
        const fields = objectOf(line);
        if (fields === null) return { kind: "refused", reason: "not JSON" };
        if (numberOf(fields.msec) === null) return { kind: "refused", reason: "msec is missing" };
        return connections.decode(fields as AccessLine);
      }
      if (isErrorLine(line)) return decodeErrorLine(line, receivedMs, defaults);
      return TEXT_START.test(line)
        ? text.decode(line, receivedMs)
        : { kind: "refused", reason: "neither the reprise log_format nor an error_log line" };
    },
  };
}

import { numberOf, objectOf } from "../fields.ts";
import { syslogOverTls } from "../rsyslog.ts";
import type { LineDecoder, LineDefaults, Source } from "../source.ts";
import { decodeErrorLine, isErrorLine } from "./error-log.ts";
import { nginxFormat } from "./format.ts";
import { type AccessLine, NginxConnections, parseKeyValue } from "./map.ts";

const LOG_FORMAT = `log_format reprise escape=json '{"msec":"$msec","pid":$pid,"connection":$connection,'
  '"connection_requests":$connection_requests,"connection_time":"$connection_time","request_time":"$request_time",'
  '"ssl_protocol":"$ssl_protocol","ssl_cipher":"$ssl_cipher","ssl_curve":"$ssl_curve",'
  '"ssl_session_reused":"$ssl_session_reused","ssl_session_id":"$ssl_session_id","ssl_early_data":"$ssl_early_data",'
  '"ssl_server_name":"$ssl_server_name","remote_addr":"$remote_addr","remote_port":"$remote_port",'
  '"http_user_agent":"$http_user_agent"}';`;

/** nginx 1.19.10 and newer (for $connection_time), access and error log. */
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
  ],
  recognises: (line) =>
    (line.startsWith("{") && line.includes('"ssl_session_reused"')) ||
    isErrorLine(line) ||
    parseKeyValue(line) !== null,
  decoder: (defaults) => nginxDecoder(defaults),
  withFormat: nginxFormat,
};

function nginxDecoder(defaults: LineDefaults): LineDecoder {
  const connections = new NginxConnections(defaults);
  return {
    decode(line, receivedMs) {
      if (line.startsWith("{")) {
        const fields = objectOf(line);
        if (fields === null) return { kind: "refused", reason: "not JSON" };
        if (numberOf(fields.msec) === null) return { kind: "refused", reason: "msec is missing" };
        return connections.decode(fields as AccessLine);
      }
      if (isErrorLine(line)) return decodeErrorLine(line, receivedMs, defaults);
      const fields = parseKeyValue(line);
      return fields === null
        ? { kind: "refused", reason: "neither the reprise log_format nor an error_log line" }
        : connections.decode(fields);
    },
  };
}

import { invariant } from "../../../lib/runtime/invariant.ts";
import { objectOf } from "../fields.ts";
import { ownFormat } from "../formats/configurations.ts";
import type { LineDecoder, LineDefaults, Source } from "../source.ts";
import { decodeFailureLine, isFailureLine } from "./failure-line.ts";
import { haproxyFormat } from "./format.ts";
import { HaproxyConnections } from "./map.ts";

const LOG_FORMAT = `'{"log_ms":%[date(0,ms)],"fe":"%ft","pid":%pid,"rt":%rt,"ci":"%ci","cp":%cp,"sslv":"%sslv","sslc":"%sslc","resumed":"%[ssl_fc_is_resumed]","sni":"%[ssl_fc_sni,json(utf8s)]","sid":"%[ssl_fc_session_id,hex]","client_random":"%[ssl_fc_client_random,hex]","fc_rtt_us":"%[fc_rtt(us)]","Th":%Th,"Tt":%Tt,"ua":"%[capture.req.hdr(0),json(utf8s)]"}'`;
const ERROR_FORMAT = `'{"log_ms":%[date(0,ms)],"err":true,"fe":"%ft","pid":%pid,"ci":"%ci","cp":%cp,"fc_err":"%[fc_err]","fc_err_str":"%[fc_err_str]","ssl_fc_err_str":"%[ssl_fc_err_str]","sslv":"%sslv","sslc":"%sslc","resumed":"%[ssl_fc_is_resumed]","sni":"%[ssl_fc_sni,json(utf8s)]","client_random":"%[ssl_fc_client_random,hex]","Th":%Th}'`;

/** The same as text, for those who also read their logs by eye. */
const TEXT_FORMAT = `'%[date(0,ms)] %ci:%cp tls pid=%pid rt=%rt fe=%ft sslv=%sslv sslc=%sslc resumed=%[ssl_fc_is_resumed] sni=%[ssl_fc_sni] sid=%[ssl_fc_session_id,hex] random=%[ssl_fc_client_random,hex] Th=%Th Tt=%Tt ua="%[capture.req.hdr(0)]"'`;
const TEXT_ERROR_FORMAT = `'%[date(0,ms)] %ci:%cp tls-error pid=%pid fe=%ft fc_err=%[fc_err] sslv=%sslv sslc=%sslc resumed=%[ssl_fc_is_resumed] sni=%[ssl_fc_sni] random=%[ssl_fc_client_random,hex] Th=%Th error="%[ssl_fc_err_str]" cause="%[fc_err_str]"'`;
/** The HTTP log that many have, with what Reprise needs behind it. */
const OWN_FORMAT = `log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %hr %hs %{+Q}r %[date(0,ms)] %sslv/%sslc %[ssl_fc_is_resumed] %[ssl_fc_sni] %pid %[ssl_fc_client_random,hex] %Th"`;

/** How a line in that form begins. */
const TEXT_START = /^\d{13} /;
const TEXT = textForm();

function textForm() {
  const form = haproxyFormat(`log-format ${TEXT_FORMAT}\nerror-log-format ${TEXT_ERROR_FORMAT}`);
  invariant(form.ok, "the text form compiles");
  return form;
}

/** HAProxy 2.6 and newer, log and error log in JSON, as text or in the operator's own format. */
export const haproxySource: Source = {
  name: "haproxy",
  title: "HAProxy",
  system: "haproxy",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "yes",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "In mode http lines are requests; Reprise reduces them to connections by process and client random.",
      "error-log-format also records successful handshakes that carried no request: they count, and are no failures.",
      "ssl_fc_has_early is always 0 in HAProxy 2.6, so early data is unknown.",
      "A log-format of your own does as well, if it holds a time, %[ssl_fc_is_resumed], %sslv and %[ssl_fc_client_random,hex] (or %ci, %cp and %pid); option httpslog is one.",
      "%Th runs from accept to the end of the handshake in whole milliseconds; later requests of a connection say 0.",
    ],
  },
  configurations: [
    {
      title: "Over syslog",
      transport: "syslog",
      language: "haproxy",
      text: configuration(LOG_FORMAT, ERROR_FORMAT),
    },
    {
      title: "As text over syslog",
      transport: "syslog",
      language: "haproxy",
      text: configuration(TEXT_FORMAT, TEXT_ERROR_FORMAT),
    },
    {
      title: "Over TLS",
      transport: "syslog_tls",
      language: "haproxy",
      text: `# The frontend stays as over plain syslog. reprise-client.pem holds a certificate and its key.
global
  log ring@reprise len 8192 format rfc5424 local0 info
  log-send-hostname               # names the node

ring reprise
  format rfc5424
  maxlen 8192
  size 8388608
  timeout connect 5s
  timeout server 10s
  server reprise {{syslog_host}}:{{syslog_tls_port}} log-proto octet-count ssl verify required ca-file /etc/haproxy/reprise-ca.pem verifyhost {{syslog_host}} crt /etc/haproxy/reprise-client.pem`,
    },
    ...ownFormat("haproxy", {
      format: OWN_FORMAT,
      formatFile: "log-format.cfg",
      logFile: "/var/log/haproxy.log",
    }),
  ],
  recognises: (line) =>
    line.startsWith("{")
      ? line.includes('"log_ms"') && line.includes('"client_random"')
      : isFailureLine(line) || (TEXT_START.test(line) && TEXT.recognises(line)),
  decoder: (defaults) => haproxyDecoder(defaults),
  withFormat: haproxyFormat,
};

function configuration(logFormat: string, errorFormat: string): string {
  return `global
  log {{syslog}} len 8192 format rfc5424 local0 info
  log-send-hostname               # names the node

frontend https
  mode http
  log global
  option log-separate-errors
  http-request capture req.fhdr(User-Agent) len 160
  log-format ${logFormat}
  error-log-format ${errorFormat}`;
}

function haproxyDecoder(defaults: LineDefaults): LineDecoder {
  const connections = new HaproxyConnections(defaults);
  const text = TEXT.decoder(defaults);
  return {
    decode(line, receivedMs) {
      if (TEXT_START.test(line)) return text.decode(line, receivedMs);
      if (!line.startsWith("{"))
        return decodeFailureLine(line, receivedMs, defaults) ?? { kind: "ignored", why: "irrelevant" };
      const fields = objectOf(line);
      return fields === null ? { kind: "refused", reason: "not JSON" } : connections.decode(fields);
    },
  };
}

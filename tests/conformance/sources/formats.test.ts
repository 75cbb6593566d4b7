import { describe, expect, it } from "vitest";
import { findSource } from "../../../collector/sources/registry.ts";
import type { LineDecoder } from "../../../collector/sources/source.ts";
import { parseSyslogMessage } from "../../../collector/transports/syslog-message.ts";
import type { Handshake } from "../../../lib/domain/handshake.ts";
import { countBy, linesOf, truthKey, truthOf } from "./replay.ts";

const DEFAULTS = { endpoint: null, node: "edge", region: null, live: false };
type Line = Record<string, string | number | boolean>;

function decodeAll(
  decoder: LineDecoder,
  lines: readonly string[],
): { handshakes: Handshake[]; refused: string[] } {
  const handshakes: Handshake[] = [];
  const refused: string[] = [];
  for (const line of lines) {
    const decoded = decoder.decode(line, 0);
    if (decoded.kind === "handshake") handshakes.push(decoded.handshake);
    if (decoded.kind === "refused") refused.push(`${decoded.reason}: ${line}`);
  }
  return { handshakes, refused };
}

function formatDecoder(source: string, format: string): LineDecoder {
  const result = findSource(source)?.withFormat?.(format);
  if (!result?.ok) throw new Error(result?.problem ?? "takes no format");
  return result.decoder(DEFAULTS);
}

const builtIn = (source: string) => findSource(source)?.decoder(DEFAULTS) as LineDecoder;
const without = (list: readonly Handshake[], ...names: readonly (keyof Handshake)[]) =>
  list.map((handshake) => ({ ...handshake, ...Object.fromEntries(names.map((name) => [name, null])) }));

/** Bytes as nginx escapes them by default. */
const escapeBytes = (text: string): string =>
  [...Buffer.from(text, "utf8")]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
        ? `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`
        : String.fromCharCode(byte),
    )
    .join("");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n: number) => String(n).padStart(2, "0");
const clf = (ms: number): string => {
  const d = new Date(ms);
  const time = [d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].map(two).join(":");
  return `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${time} +0000`;
};

describe("nginx: its recording written again in formats of an operator's", () => {
  const recorded = linesOf("nginx", "access.json.log").map((line) => JSON.parse(line) as Line);
  const expected = decodeAll(builtIn("nginx"), linesOf("nginx", "access.json.log"));
  const dash = (value: unknown): string => (value === "" ? "-" : escapeBytes(String(value)));

  it("combined with the TLS variables behind it, as the directive stands in nginx.conf", () => {
    const format =
      `log_format  tls  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
      '"$http_referer" "$http_user_agent" '   # what everybody has
      '$ssl_protocol/$ssl_cipher/$ssl_curve $ssl_session_reused$sep$connection.$connection_requests '
      'pid=$pid early=\${ssl_early_data} sni=$ssl_server_name sid=$ssl_session_id $request_time:$connection_time@$msec';`.replace(
        "$sep",
        " ",
      );
    const lines = recorded.map((l) => {
      const request = `"GET /${"x y".repeat(Number(l.connection_requests) % 3)} ${l.server_protocol}"`;
      const tls = `${dash(l.ssl_protocol)}/${dash(l.ssl_cipher)}/${dash(l.ssl_curve)} ${dash(l.ssl_session_reused)}`;
      const numbers = `${l.connection}.${l.connection_requests} pid=${l.pid} early=${dash(l.ssl_early_data)}`;
      const rest = `sni=${dash(l.ssl_server_name)} sid=${dash(l.ssl_session_id)} ${l.request_time}:${l.connection_time}@${l.msec}`;
      const head = `${l.remote_addr} - - [${clf(Number(l.msec) * 1000)}] ${request} ${l.status} 12 "-"`;
      return `${head} "${dash(l.http_user_agent)}" ${tls} ${numbers} ${rest}`;
    });
    expect(decodeAll(formatDecoder("nginx", format), lines)).toEqual(expected);
  });

  it("JSON under the operator's own keys, also where a shipper has written it again", () => {
    const format = `log_format j escape=json '{"when":$msec,"tls":{"v":"$ssl_protocol","c":"$ssl_cipher","g":"$ssl_curve",'
      '"reused":"$ssl_session_reused","id":"$ssl_session_id","early":"$ssl_early_data"},"host":"$ssl_server_name",'
      '"conn":[$pid,$connection,$connection_requests],"t":["$connection_time","$request_time"],'
      '"from":"$remote_addr:$remote_port","ip":"$remote_addr","ua":"$http_user_agent"}';`;
    const objects = recorded.map((l) => ({
      when: Number(l.msec),
      tls: {
        v: l.ssl_protocol,
        c: l.ssl_cipher,
        g: l.ssl_curve,
        reused: l.ssl_session_reused,
        id: l.ssl_session_id,
        early: l.ssl_early_data,
      },
      host: l.ssl_server_name,
      conn: [l.pid, l.connection, l.connection_requests],
      t: [l.connection_time, l.request_time],
      from: `${l.remote_addr}:${l.remote_port}`,
      ip: l.remote_addr,
      ua: l.http_user_agent,
    }));
    const asWritten = objects.map((object) => JSON.stringify(object));
    expect(decodeAll(formatDecoder("nginx", format), asWritten)).toEqual(expected);
    const again = objects.map((object) =>
      JSON.stringify(
        { kubernetes: { pod: "a" }, ...Object.fromEntries(Object.entries(object).reverse()) },
        null,
        1,
      ).replaceAll("\n", " "),
    );
    expect(decodeAll(formatDecoder("nginx", format), again)).toEqual(expected);
  });

  it("logfmt without escapes, to the second: the same but for what was not written", () => {
    const format =
      "t=$time_iso8601 v=$ssl_protocol r=$ssl_session_reused c=$connection n=$connection_requests ct=$connection_time p=$pid i=$ssl_session_id e=$ssl_early_data h=$host ua=$http_user_agent";
    const lines = recorded.map((l) => {
      const iso = `${new Date(Number(l.msec) * 1000).toISOString().slice(0, 19)}+00:00`;
      const tls = `v=${l.ssl_protocol} r=${l.ssl_session_reused} c=${l.connection} n=${l.connection_requests}`;
      const rest = `ct=${l.connection_time} p=${l.pid} i=${l.ssl_session_id} e=${l.ssl_early_data} h=${l.ssl_server_name}`;
      return `t=${iso} ${tls} ${rest} ua=${l.http_user_agent}`;
    });
    const { handshakes, refused } = decodeAll(formatDecoder("nginx", `escape=none '${format}'`), lines);
    expect(refused).toEqual([]);
    const unsaid = ["cipher", "group", "handshakeUs", "client"] as const;
    const toSecond = (list: readonly Handshake[]) =>
      list.map((h) => ({ ...h, atMs: Math.floor(h.atMs / 1000) * 1000 }));
    expect(handshakes).toEqual(without(toSecond(expected.handshakes), ...unsaid));
  });
});

/** What one list has and the other has not, as often as it does. */
function difference(
  whole: readonly string[],
  part: readonly string[],
): { missing: string[]; added: string[] } {
  const left = countBy(whole, (key) => key);
  const added = part.filter((key) => {
    left[key] = (left[key] ?? 0) - 1;
    return left[key] < 0;
  });
  return {
    missing: Object.entries(left).flatMap(([key, n]) => Array<string>(Math.max(0, n)).fill(key)),
    added,
  };
}

describe("HAProxy: its recording written again in formats of an operator's", () => {
  const recorded = recordedLines();
  const expected = decodeAll(
    builtIn("haproxy"),
    recorded.map(({ text }) => text),
  );
  const dash = (value: unknown): string => (value === "" || value === undefined ? "-" : String(value));

  it("its text form, which needs no format given", () => {
    const lines = recorded.map(({ line: l }) => {
      const where = `${l.log_ms} ${l.ci}:${l.cp}`;
      const tls = `sslv=${dash(l.sslv)} sslc=${dash(l.sslc)} resumed=${l.resumed} sni=${dash(l.sni)}`;
      const random = `random=${dash(l.client_random)} Th=${l.Th}`;
      if (l.err)
        return `${where} tls-error pid=${l.pid} fe=${l.fe} fc_err=${l.fc_err} ${tls} ${random} error="${dash(l.ssl_fc_err_str)}" cause="${dash(l.fc_err_str)}"`;
      return `${where} tls pid=${l.pid} rt=${l.rt} fe=${l.fe} ${tls} sid=${dash(l.sid)} ${random} Tt=${l.Tt} ua="${dash(l.ua)}"`;
    });
    expect(lines.every((line) => findSource("haproxy")?.recognises(line))).toBe(true);
    expect(decodeAll(builtIn("haproxy"), lines)).toEqual(expected);
  });

  it("the HTTPS log with accept time and handshake time, connections told by address and port", () => {
    const completed = recorded.filter(({ line }) => !line.err);
    const format =
      'log-format "%ci:%cp [%Ts.%ms] %ft %b/%s %TR/%Tw %ST %hr %hs %{+Q}r %[ssl_fc_is_resumed]/%[ssl_fc_err,hex] %[ssl_fc_sni]/%sslv/%sslc %Th"';
    const lines = completed.map(({ line: l }) => {
      const head = `${l.ci}:${l.cp} [${l.accept_s}.${l.accept_ms}] ${l.fe} be/o 0/0 ${l.ST} {curl "a b"|x} "GET / ${l.hv}"`;
      return `${head} ${l.resumed}/0 ${dash(l.sni)}/${l.sslv}/${l.sslc} ${l.Th}`;
    });
    const { handshakes, refused } = decodeAll(formatDecoder("haproxy", format), lines);
    expect(refused).toEqual([]);
    const reference = decodeAll(
      builtIn("haproxy"),
      completed.map(({ text }) => text),
    );
    // Connections that came from the port of an equal one, with a handshake of 0 ms, cannot be told from its requests.
    const { missing, added } = difference(
      reference.handshakes.map((h) => `${h.protocol} ${h.outcome} ${h.handshakeUs}`),
      handshakes.map((h) => `${h.protocol} ${h.outcome} ${h.handshakeUs}`),
    );
    expect(added).toEqual([]);
    expect(missing.length).toBeLessThanOrEqual(5);
    expect(missing.every((key) => key.endsWith("resumed 0"))).toBe(true);
  });

  it("quoted by %{+Q}o, with an error-log-format beside it", () => {
    const format = String.raw`log-format "%{+Q}o %[date(0,ms)] %ci %cp %pid %rt %sslv %sslc %[ssl_fc_is_resumed] %[ssl_fc_sni] %[ssl_fc_session_id,hex] %[ssl_fc_client_random,hex] %Th %{-Q}ft ua=%[capture.req.hdr(0)]"
error-log-format '%Ts.%ms %ci:%cp %[ssl_fc_client_random,hex] E%[fc_err] <%[fc_err_str]> %pid %sslv %[ssl_fc_is_resumed] %[ssl_fc_sni] %sslc %Th %[date(0,ms)] %[ssl_fc_err_str]'`;
    const q = (value: unknown) => `"${value === undefined ? "" : value}"`;
    const lines = recorded.map(({ line: l }) =>
      l.err
        ? `${l.accept_s}.${l.accept_ms} ${l.ci}:${l.cp} ${dash(l.client_random)} E${l.fc_err} <${l.fc_err_str}> ${l.pid} ${dash(l.sslv)} ${l.resumed} ${dash(l.sni)} ${dash(l.sslc)} ${l.Th} ${l.log_ms} ${dash(l.ssl_fc_err_str)}`
        : `${q(l.log_ms)} ${q(l.ci)} ${l.cp} ${l.pid} ${l.rt} ${q(l.sslv)} ${q(l.sslc)} ${q(l.resumed)} ${q(l.sni)} ${q(l.sid)} ${q(l.client_random)} ${l.Th} ${l.fe} ua=${q(l.ua)}`,
    );
    expect(decodeAll(formatDecoder("haproxy", format), lines)).toEqual(expected);
  });

  function recordedLines(): { text: string; line: Line }[] {
    return messages()
      .filter((text) => text.startsWith("{"))
      .map((text) => ({ text, line: JSON.parse(text) as Line }));
  }

  /** The recorded octet-counted stream, cut by its own lengths. */
  function messages(): string[] {
    let rest = Buffer.from(linesOf("haproxy", "syslog_tcp_rfc5424_octet.raw").join("\n"));
    const found: string[] = [];
    while (rest.length > 0) {
      const space = rest.indexOf(" ");
      const end = space + 1 + Number(rest.toString("latin1", 0, space));
      const message = rest.toString("utf8", space + 1, end).trimEnd();
      found.push(parseSyslogMessage(message)?.text ?? message);
      rest = rest.subarray(end);
    }
    return found;
  }
});

it("nginx-cluster: each connection once on the node that took it, exactly as it was", () => {
  const { handshakes, refused } = decodeAll(builtIn("nginx"), linesOf("nginx-cluster", "access.json.log"));
  expect(refused).toEqual([]);
  const { connections } = truthOf("nginx-cluster");
  const truth = connections.map((c) => `${(c as { node?: string }).node} ${truthKey(c)}`);
  const decoded = handshakes.map((h) => `${h.node} ${h.protocol}/${h.outcome}/${h.mechanism ?? "-"}`);
  expect(new Set(handshakes.map((h) => h.node))).toEqual(new Set(["edge-1", "edge-2", "edge-3"]));
  expect(decoded.sort()).toEqual(truth.sort());
});

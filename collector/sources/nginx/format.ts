import type { Fields } from "../fields.ts";
import { CLF_TIME, clfMs, ISO_TIME, NUMBER, PROTOCOL, unescapeJson, WHOLE, WORD } from "../formats/kinds.ts";
import { LineFormat, MAX_FORMAT, misfit, type Need } from "../formats/line-format.ts";
import { ANYTHING, type Field, type FieldKind, type Piece, type Values } from "../formats/template.ts";
import type { Decoded, FormatResult, LineDecoder, LineDefaults } from "../source.ts";
import { isoMs } from "../timestamps.ts";
import { type Escape, parseDirective } from "./directive.ts";
import { decodeErrorLine, isErrorLine } from "./error-log.ts";
import { NginxConnections } from "./map.ts";

const NOUN = "log_format";

/** Variables that handshakes are made of, with the look of their values. */
const USED: Readonly<Record<string, FieldKind>> = {
  msec: NUMBER,
  time_iso8601: ISO_TIME,
  time_local: CLF_TIME,
  pid: WHOLE,
  connection: WHOLE,
  connection_requests: WHOLE,
  connection_time: NUMBER,
  request_time: NUMBER,
  session_time: NUMBER,
  ssl_protocol: PROTOCOL,
  ssl_session_reused: { extent: /[r.-]*/y, shape: /^[r.]$/ },
  ssl_early_data: { extent: /[1-]*/y, shape: /^1$/ },
  ssl_cipher: WORD,
  ssl_curve: WORD,
  ssl_session_id: { extent: /[\da-f-]*/y, shape: /^[\da-f]+$/ },
  ssl_server_name: WORD,
  host: WORD,
  server_name: WORD,
  hostname: WORD,
  remote_addr: WORD,
};
const USER_AGENT = "http_user_agent";
/** Where there is no SNI, the best other name of what was served. */
const ENDPOINTS = ["ssl_server_name", "host", "server_name"];
/** Variables without white space that formats often hold, so that lines are read faster. */
const WORDS =
  /^(status|scheme|server_port|server_addr|remote_port|bytes_sent|body_bytes_sent|request_(length|method|id)|server_protocol|pipe|tcpinfo_\w+|ssl_curves|ssl_ciphers|upstream_addr)$/;

const NEEDS: readonly Need[] = [
  {
    uses: [["msec"], ["time_iso8601"], ["time_local"]],
    lacking: "$msec (or $time_iso8601, $time_local), which says when",
  },
  {
    uses: [["ssl_session_reused"]],
    lacking: "$ssl_session_reused, which tells resumed handshakes from full ones",
  },
  { uses: [["ssl_protocol"]], lacking: "$ssl_protocol, which tells TLS 1.3 from 1.2 and from plain HTTP" },
  {
    uses: [["connection"]],
    lacking:
      "$connection, without which the requests of one connection would count as handshakes of their own",
  },
  {
    uses: [["connection_requests"], ["connection_time"], ["session_time"]],
    lacking:
      "$connection_requests (or $connection_time), which tells a connection's later requests from a number used again after a restart",
  },
];

/** Compiles a log_format of nginx: the directive as it stands in the configuration, its quoted texts, or the bare format. */
export function nginxFormat(text: string): FormatResult {
  if (text.length > MAX_FORMAT)
    return { ok: false, problem: `The log_format is longer than ${MAX_FORMAT} characters.` };
  const directive = parseDirective(text);
  if (typeof directive === "string") return { ok: false, problem: directive };
  const pieces = piecesOf(directive.format, directive.escape);
  if (typeof pieces === "string") return { ok: false, problem: pieces };
  const decode = directive.escape === "none" ? (value: string) => value : DECODE[directive.escape];
  const format = LineFormat.of(pieces, { decode, needs: NEEDS, noun: NOUN });
  if (typeof format === "string") return { ok: false, problem: format };
  return {
    ok: true,
    recognises: (line) => format.read(line) !== null,
    decoder: (defaults) => formatDecoder(format, defaults),
  };
}

function formatDecoder(format: LineFormat, defaults: LineDefaults): LineDecoder {
  const connections = new NginxConnections(defaults);
  return {
    decode(line, receivedMs): Decoded {
      const values = format.read(line);
      if (values !== null && values !== "ambiguous") return decodeValues(connections, values);
      if (isErrorLine(line)) return decodeErrorLine(line, receivedMs, defaults);
      return { kind: "refused", reason: misfit(values, NOUN) };
    },
  };
}

function decodeValues(connections: NginxConnections, values: Values): Decoded {
  const msec = msecOf(values);
  if (msec === null) return { kind: "refused", reason: "the time of the line cannot be read" };
  const { host, server_name, hostname, session_time, ...rest } = values;
  // Only the stream module knows session_time, and its lines are connections.
  const connection_requests = rest.connection_requests ?? (session_time === undefined ? undefined : "1");
  const fields: Fields = {
    ...rest,
    msec,
    connection_requests,
    ssl_server_name: rest.ssl_server_name ?? host ?? server_name,
    node: hostname,
  };
  return connections.decode(fields);
}

/** Epoch seconds by the finest time that the line carries. */
function msecOf(values: Values): number | null {
  if (values.msec !== undefined)
    return values.msec === "" || values.msec === "-" ? null : Number(values.msec);
  const ms = values.time_iso8601 === undefined ? clfMs(values.time_local ?? "") : isoMs(values.time_iso8601);
  return ms === null ? null : ms / 1000;
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g;

function piecesOf(format: string, escaping: Escape): Piece[] | string {
  const pieces: Piece[] = [];
  const names = new Set([...format.matchAll(VARIABLE)].map(([, braced, plain]) => braced ?? plain ?? ""));
  const endpoint = ENDPOINTS.find((name) => names.has(name));
  let at = 0;
  for (const match of format.matchAll(VARIABLE)) {
    pieces.push(format.slice(at, match.index));
    pieces.push(fieldOf(match[1] ?? match[2] ?? "", { escaping, endpoint }));
    at = match.index + match[0].length;
  }
  pieces.push(format.slice(at));
  const stray = pieces.some((piece) => typeof piece === "string" && piece.includes("$"));
  if (stray) return "The log_format holds a $ that begins no variable, which nginx itself would refuse.";
  return pieces.filter((piece) => piece !== "");
}

function fieldOf(name: string, at: { escaping: Escape; endpoint: string | undefined }): Field {
  const otherEndpoint = ENDPOINTS.includes(name) && name !== at.endpoint;
  const known = Object.hasOwn(USED, name) ? USED[name] : undefined;
  const isUsed = (known !== undefined && !otherEndpoint) || name === USER_AGENT;
  const kind = known ?? (WORDS.test(name) ? WORD : FREE[at.escaping]);
  return { use: isUsed ? name : null, written: `$${name}`, kind };
}

/** Texts that clients send. With escapes no quote of theirs ends a value. */
const FREE: Readonly<Record<Escape, FieldKind>> = {
  default: { extent: /[^"]*/sy },
  json: { extent: /(?:[^"\\]|\\.)*/sy, escapes: true },
  none: ANYTHING,
};

const DECODE = {
  /** `\xNN` for bytes; runs of them are read as UTF-8. */
  default: (value: string): string =>
    value.includes("\\x")
      ? value.replace(/(?:\\x[\da-fA-F]{2})+/g, (run) =>
          Buffer.from(run.replaceAll("\\x", ""), "hex").toString("utf8"),
        )
      : value,
  json: unescapeJson,
} as const;

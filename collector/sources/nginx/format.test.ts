import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDirective } from "./directive.ts";
import { nginxFormat } from "./format.ts";

const DEFAULTS = { endpoint: "fallback", node: null, region: null, live: false };
const NEEDED = "$msec $ssl_session_reused $ssl_protocol $pid $connection $connection_requests";
const LINE = "1795477402.486 r TLSv1.3 7 12 1";

function decode(format: string, ...lines: readonly string[]) {
  const result = nginxFormat(format);
  if (!result.ok) throw new Error(result.problem);
  const decoder = result.decoder(DEFAULTS);
  return lines.map((line) => decoder.decode(line, 0));
}
const problemOf = (format: string): string => {
  const result = nginxFormat(format);
  return result.ok ? "" : result.problem;
};

describe("the directive as it stands in nginx.conf", () => {
  it("joins its texts, over lines and comments, whichever the quotes", () => {
    const text = `log_format main escape=json 'a $b' # first\n  "c \\"d\\" 'e'" f\\ g;\n`;
    expect(parseDirective(text)).toEqual({ escape: "json", format: `a $bc "d" 'e'f\\ g` });
    expect(parseDirective("'a' 'b'")).toEqual({ escape: "default", format: "ab" });
    expect(parseDirective('"$a" "$b"')).toEqual({ escape: "default", format: '"$a" "$b"' });
    expect(parseDirective(" $a\t$b\n")).toEqual({ escape: "default", format: "$a\t$b" });
    expect(parseDirective("escape=none '$a\\t'")).toEqual({ escape: "none", format: "$a\t" });
  });

  it.each([
    ["log_format x escape=xml '$a';", /escape=xml, which is none of default, json, none/],
    ["log_format x '$a", /A quote \('\) in the log_format is not closed/],
    ["log_format x;", /no text after its name/],
    ["log_format x '$a'; log_format y '$b';", /more than one directive/],
    [`${NEEDED} 100$`, /holds a \$ that begins no variable/],
    [`${NEEDED} ${"x".repeat(20_000)}`, /longer than 16384 characters/],
  ])("%s cannot be used", (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });
});

describe("what a format needs", () => {
  it.each([
    ["$ssl_session_reused", "resumed handshakes from full ones"],
    ["$ssl_protocol", "TLS 1.3 from 1.2"],
    ["$connection ", "would count as handshakes of their own"],
    ["$connection_requests", "used again after a restart"],
    ["$msec", "says when"],
  ])("says that %s is missing, and why it is needed", (variable, why) => {
    const problem = problemOf(NEEDED.replace(variable, "x "));
    expect(problem).toContain(variable.trim());
    expect(problem).toContain(why);
    expect(problem).toMatch(/^The log_format lacks .*\.$/);
  });

  it("names all that is missing in one sentence", () => {
    expect(problemOf("$remote_addr $request")).toMatch(
      /\$msec.*\$ssl_session_reused.*\$ssl_protocol.*\$connection/,
    );
  });

  it("refuses two variables without a text between them, by name; not where neither is used", () => {
    expect(problemOf(`${NEEDED} $ssl_cipher$ssl_curve`)).toMatch(/separates \$ssl_cipher from \$ssl_curve/);
    expect(decode(`${NEEDED} $scheme://$http_host$request_uri`, `${LINE} https://a/b c`)).toMatchObject([
      { kind: "handshake" },
    ]);
  });
});

describe("lines", () => {
  it("are requests of connections, and become handshakes once each", () => {
    expect(decode(NEEDED, LINE, LINE.replace(/1$/, "2"), LINE.replace(" 12 ", " 13 "))).toMatchObject([
      { kind: "handshake", handshake: { outcome: "resumed", mechanism: "psk", atMs: 1_795_477_402_486 } },
      { kind: "ignored", why: "repeat" },
      { kind: "handshake", handshake: { endpoint: "fallback", node: null, family: null, earlyData: null } },
    ]);
  });

  it("of the stream module are connections, even where a number comes again", () => {
    const format = "$msec $ssl_session_reused $ssl_protocol $connection $session_time";
    const line = "1795477402.486 r TLSv1.2 12 0.100";
    expect(decode(format, line, line.replace("402", "999")).map(({ kind }) => kind)).toEqual([
      "handshake",
      "handshake",
    ]);
  });

  it("without TLS are no handshakes", () => {
    expect(decode(NEEDED, "1795477402.486 - - 7 12 1")).toEqual([{ kind: "ignored", why: "irrelevant" }]);
  });

  it("are dated by the finest time there is, with its zone", () => {
    const rest = NEEDED.replace("$msec ", "");
    const at = (format: string, time: string) =>
      decode(`${format}|${rest}`, `${time}|${LINE.slice(15)}`).map((d) =>
        d.kind === "handshake" ? d.handshake.atMs : d,
      );
    expect(at("$time_local", "24/Nov/2026:01:00:00 +0200")).toEqual([Date.UTC(2026, 10, 23, 23)]);
    expect(at("$time_iso8601", "2026-11-24T01:00:00-05:30")).toEqual([Date.UTC(2026, 10, 24, 6, 30)]);
    expect(at("$time_local/$msec", "24/Nov/2026:01:00:00 +0200/1795477402.486")).toEqual([1_795_477_402_486]);
    expect(at("$time_local", "24/Foo/2026:01:00:00 +0200")).toEqual([
      { kind: "refused", reason: "the time of the line cannot be read" },
    ]);
  });

  it("name the endpoint by SNI, else by $host, and the node by $hostname", () => {
    const place = (format: string, text: string) =>
      decode(`${NEEDED} ${format}`, `${LINE} ${text}`).map((d) =>
        d.kind === "handshake" ? [d.handshake.endpoint, d.handshake.node] : d,
      );
    expect(place("$host $ssl_server_name", "b.example a.example")).toEqual([["a.example", null]]);
    expect(place("$host $hostname", "b.example edge-1")).toEqual([["b.example", "edge-1"]]);
    expect(place("$host $ssl_server_name", "b.example -")).toEqual([["fallback", null]]);
  });

  it("carry user agents with quotes and bytes, as each way of escaping writes them", () => {
    const family = (format: string, text: string) =>
      decode(format, `${LINE} ${text}`).map((d) => (d.kind === "handshake" ? d.handshake.family : d));
    const agent = '"$http_user_agent" x';
    expect(family(`${NEEDED} ${agent}`, '"curl/8 \\x22q\\x22 \\xC3\\xA9" x')).toEqual(["curl"]);
    expect(family(`escape=json '${NEEDED} ${agent}'`, String.raw`"curl/8 \"q\" x\\" x`)).toEqual(["curl"]);
    expect(family(`escape=none '${NEEDED} ${agent}'`, '"curl/8 "q" x" x')).toEqual(["curl"]);
  });

  it("of the error log are read beside; all others are refused with a reason", () => {
    const error =
      "2026/11/24 00:16:35 [info] 7#7: *5 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) while SSL handshaking, client: 10.0.0.1, server: 0.0.0.0:443";
    expect(decode(NEEDED, error, "something else")).toMatchObject([
      { kind: "handshake", handshake: { outcome: "failed", alert: "no shared cipher" } },
      { kind: "refused", reason: "the line does not fit the log_format" },
    ]);
  });

  it("that could be read in two ways are refused, not guessed", () => {
    const format = `${NEEDED} $ssl_cipher-$host`;
    expect(decode(format, `${LINE} A-B-c.example`)).toMatchObject([
      { kind: "refused", reason: expect.stringContaining("in more than one way") },
    ]);
  });
});

it("never throws, whatever the format and the line are", () => {
  const part = fc.constantFrom(
    "$msec",
    "$ssl_protocol",
    "${pid}",
    "'",
    '"',
    "\\",
    ";",
    " ",
    "{",
    "escape=json",
    "log_format",
  );
  const format = fc
    .array(fc.oneof(part, fc.string({ maxLength: 4 })), { maxLength: 20 })
    .map((list) => list.join(""));
  fc.assert(
    fc.property(format, fc.string(), (text, line) => {
      for (const candidate of [text, `${NEEDED}|${text}`]) {
        const result = nginxFormat(candidate);
        if (result.ok) expect(result.decoder(DEFAULTS).decode(line, 0).kind).toBeTypeOf("string");
        else expect(result.problem).toMatch(/^[A-Z].*\.$/s);
      }
    }),
    { numRuns: 1_000 },
  );
});

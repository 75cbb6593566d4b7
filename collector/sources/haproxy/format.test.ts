import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDirectives } from "./directive.ts";
import { haproxyFormat } from "./format.ts";
import { haproxySource } from "./source.ts";

const DEFAULTS = { endpoint: null, node: null, region: null, live: false };
const NEEDED = "%Ts.%ms %ci:%cp %pid %[ssl_fc_is_resumed] %sslv";
const LINE = "1795477702.680 127.0.1.16:20000 7 1 TLSv1.3";

function decode(format: string, ...lines: readonly string[]) {
  const result = haproxyFormat(format);
  if (!result.ok) throw new Error(result.problem);
  const decoder = result.decoder(DEFAULTS);
  return lines.map((line) => decoder.decode(line, 5));
}
const problemOf = (format: string): string => {
  const result = haproxyFormat(format);
  return result.ok ? "" : result.problem;
};

describe("the directives as they stand in haproxy.cfg", () => {
  it("are read with each way of quoting, and bare", () => {
    const formatOf = (text: string) => parseDirectives(text);
    expect(formatOf(String.raw`log-format "%ci \"x\" %%"`)).toEqual([{ error: false, format: '%ci "x" %%' }]);
    expect(formatOf(String.raw`  log-format '%ci \x "y"'  # why`)).toEqual([
      { error: false, format: String.raw`%ci \x "y"` },
    ]);
    expect(formatOf(String.raw`log-format %ci\ %cp\ x`)).toEqual([{ error: false, format: "%ci %cp x" }]);
    expect(formatOf(String.raw`%ci\ %cp`)).toEqual([{ error: false, format: "%ci %cp" }]);
    expect(formatOf('%ci "%cp"')).toEqual([{ error: false, format: '%ci "%cp"' }]);
    expect(formatOf("# two\nlog-format %ci\nerror-log-format %cp\n")).toEqual([
      { error: false, format: "%ci" },
      { error: true, format: "%cp" },
    ]);
  });

  it.each([
    ["", /is empty/],
    ["log-format %ci %cp", /space outside of quotes/],
    ["log-format '%ci", /A quote \('\) in the log-format is not closed/],
    ['log-format "%ci $HOST"', /environment variable/],
    ["log-format %ci\nmode http", /directives only/],
    [`${NEEDED} 100% x`, /% that begins no variable, near "% x"; a real one is written %%/],
    [`${NEEDED} %[ssl_fc_sni`, /has no end, near/],
    [`%{+json}o ${NEEDED}`, /encoding that Reprise does not read/],
    [`${NEEDED} ${"x".repeat(20_000)}`, /longer than 16384/],
  ])("%s cannot be used", (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });
});

describe("what a format needs", () => {
  it.each([
    ["%[ssl_fc_is_resumed]", "resumed handshakes from full ones"],
    ["%sslv", "TLS 1.3 from 1.2"],
    ["%ci:%cp", "would count as handshakes of their own"],
    ["%Ts.%ms", "says when"],
  ])("says that %s is missing, and why it is needed", (variable, why) => {
    expect(problemOf(NEEDED.replace(variable, "x"))).toContain(why);
  });

  it("of errors is the time and the code that tells a failure", () => {
    expect(problemOf("error-log-format %ci")).toMatch(/^The error-log-format lacks .*fc_err/);
    expect(problemOf("error-log-format '%T %[fc_err]'")).toBe("");
  });

  it("refuses two variables without a text between them, by name", () => {
    expect(problemOf(`${NEEDED} %sslc%[ssl_fc_sni]`)).toMatch(/separates %sslc from %\[ssl_fc_sni\]/);
  });
});

describe("lines", () => {
  it("become handshakes once for each connection", () => {
    expect(decode(NEEDED, LINE, LINE, LINE.replace("20000", "20001"))).toMatchObject([
      {
        kind: "handshake",
        handshake: { outcome: "resumed", mechanism: "psk", atMs: 1_795_477_702_680, client: "127.0.1.16" },
      },
      { kind: "ignored", why: "repeat" },
      { kind: "handshake" },
    ]);
  });

  it("tell a port that is used again from a connection's later request", () => {
    const line = (seconds: number, Th: number, resumed = 1) =>
      `${seconds}.0 10.0.0.1:5 7 ${resumed} TLSv1.3 ${Th}`;
    const kinds = decode(
      `${NEEDED} %Th`,
      line(1_000, 2),
      line(1_001, 0),
      line(1_002, 3),
      line(1_003, 0),
      line(1_004, 0, 0),
      line(2_000, 0),
    ).map(({ kind }) => kind);
    expect(kinds).toEqual(["handshake", "ignored", "handshake", "ignored", "handshake", "handshake"]);
  });

  it("without a zone are dated by their arrival when live, as local time in a file", () => {
    const format = NEEDED.replace("%Ts.%ms", "[%tr]");
    const line = LINE.replace("1795477702.680", "[24/Nov/2026:10:00:00.250]");
    const own = new Date(2026, 10, 24, 10, 0, 0, 250).getTime();
    expect(decode(format, line)).toMatchObject([{ handshake: { atMs: own } }]);
    const result = haproxyFormat(format);
    const live = result.ok ? result.decoder({ ...DEFAULTS, live: true }).decode(line, 5) : null;
    expect(live).toMatchObject({ handshake: { atMs: 5 } });
    expect(
      decode(NEEDED.replace("%Ts.%ms", "%T"), LINE.replace("1795477702.680", "24/Nov/2026:10:00:00 +0000")),
    ).toMatchObject([{ handshake: { atMs: Date.UTC(2026, 10, 24, 10) } }]);
  });

  it("of option httpslog, with and without captured headers", () => {
    const tail = "0/0/0/1/1 200 73 - - ---- 1/1/0/0/0 0/0";
    const tls = '"GET / HTTP/1.1" 0/0000000000000000/0/0/1 shop.example/TLSv1.3/TLS_AES_256_GCM_SHA384';
    expect(
      decode(
        "option httpslog",
        `127.0.0.1:34154 [25/Nov/2026:22:47:14.008] fe~ be/s1 ${tail} ${tls}`,
        `127.0.0.1:34155 [25/Nov/2026:22:47:14.008] fe~ be/s1 ${tail} {curl/8 a|b} {x} ${tls}`,
        "127.0.0.1:34174 [25/Nov/2026:22:47:14.022] fe/1: SSL handshake failure",
        "127.0.0.1:34174 [25/Nov/2026:22:47:14.022] fe/1: Connection closed",
      ),
    ).toMatchObject([
      {
        kind: "handshake",
        handshake: { outcome: "resumed", endpoint: "shop.example", cipher: "TLS_AES_256_GCM_SHA384" },
      },
      { kind: "handshake", handshake: { outcome: "resumed", endpoint: "shop.example" } },
      {
        kind: "handshake",
        handshake: { outcome: "failed", alert: "SSL handshake failure", client: "127.0.0.1" },
      },
      { kind: "ignored", why: "irrelevant" },
    ]);
  });

  it("take a captured header for the user agent only where the format calls it so", () => {
    const family = (format: string, text: string) =>
      decode(`${NEEDED} ${format}`, `${LINE} ${text}`).map((d) =>
        d.kind === "handshake" ? d.handshake.family : d,
      );
    expect(family("ua=%{+Q}[capture.req.hdr(0)]", 'ua="curl/8.1"')).toEqual(["curl"]);
    expect(family('agent: "%[capture.req.hdr(1),json(utf8s)]"', String.raw`agent: "curl\/8 \"x\""`)).toEqual([
      "curl",
    ]);
    expect(family("%[var(txn.user_agent)]", "curl/8.1")).toEqual(["curl"]);
    expect(family("host=%[capture.req.hdr(0)]", "host=curl/8.1")).toEqual([null]);
  });

  it("of an error-log-format are failures, or completed handshakes that carried no request", () => {
    const format = `log-format "${NEEDED}"\nerror-log-format "E %Ts %[fc_err] %ci:%cp %pid %sslv %[ssl_fc_is_resumed] %[ssl_fc_err_str]"`;
    expect(
      decode(
        format,
        "E 1795477702 34 10.0.0.1:1 7 - 0 error:0A0000C1:SSL routines::no shared cipher",
        "E 1795477702 0 10.0.0.1:2 7 TLSv1.2 1 -",
        "nothing of this",
      ),
    ).toMatchObject([
      { kind: "handshake", handshake: { outcome: "failed", alert: "no shared cipher" } },
      { kind: "handshake", handshake: { outcome: "resumed", mechanism: null } },
      { kind: "refused", reason: "the line does not fit the log-format" },
    ]);
    const blind = decode("error-log-format '%Ts %[fc_err] %sslv'", "1795477702 0 TLSv1.3");
    expect(blind).toEqual([{ kind: "ignored", why: "irrelevant" }]);
  });
});

it("its plain failure lines are recognised without any format", () => {
  const line =
    "10.0.0.1:34174 [25/Nov/2026:22:47:14.022] fe/1: SSL handshake failure (error:0A000102:SSL routines::unsupported protocol)";
  expect(haproxySource.recognises(line)).toBe(true);
  expect(haproxySource.decoder(DEFAULTS).decode(line, 0)).toMatchObject({
    handshake: {
      outcome: "failed",
      alert: "unsupported protocol",
      atMs: new Date(2026, 10, 25, 22, 47, 14, 22).getTime(),
    },
  });
});

it("never throws, whatever the format and the line are", () => {
  const part = fc.constantFrom(
    "%",
    "%ci",
    "%[",
    "]",
    "(",
    "%{+Q}",
    "'",
    '"',
    "\\",
    " ",
    "%(x)",
    "log-format ",
  );
  const format = fc
    .array(fc.oneof(part, fc.string({ maxLength: 4 })), { maxLength: 20 })
    .map((list) => list.join(""));
  fc.assert(
    fc.property(format, fc.string(), (text, line) => {
      for (const candidate of [text, `${NEEDED}|${text}`]) {
        const result = haproxyFormat(candidate);
        if (result.ok) expect(result.decoder(DEFAULTS).decode(line, 0).kind).toBeTypeOf("string");
        else expect(result.problem).toMatch(/^[A-Z].*\.$/s);
      }
    }),
    { numRuns: 1_000 },
  );
});

it("guesses no outcome where a JSON line leaves it out", () => {
  const decoder = haproxySource.decoder(DEFAULTS);
  const outcome = (resumed: object) => {
    const line = {
      log_ms: 1_795_477_702_680,
      pid: 7,
      sslv: "TLSv1.3",
      client_random: JSON.stringify(resumed),
    };
    const decoded = decoder.decode(JSON.stringify({ ...line, ...resumed }), 0);
    return decoded.kind === "handshake" ? decoded.handshake.outcome : decoded;
  };
  expect([{ resumed: "1" }, { resumed: 0 }, { resumed: "" }, {}].map(outcome)).toEqual([
    "resumed",
    "full",
    null,
    null,
  ]);
});

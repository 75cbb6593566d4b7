import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apacheSource } from "../../../collector/sources/apache/source.ts";
import { recogniseSource, SOURCES } from "../../../collector/sources/registry.ts";
import type { Decoded } from "../../../collector/sources/source.ts";
import type { Handshake } from "../../../lib/domain/handshake.ts";
import { countBy, replay, type Truth, truthOf } from "./replay.ts";

const truth = truthOf("apache");
const ok = truth.connections.filter((c) => c.outcome === "ok");
const withRequest = ok.filter((c) => c.requests > 0);
const truthKey = (c: Truth["connections"][number]): string =>
  `${c.protocol}/${c.resumed ? "resumed" : "full"}/${c.resumed ? c.mechanism : "-"}`;
const key = (h: Pick<Handshake, "protocol" | "outcome" | "mechanism">): string =>
  `${h.protocol}/${h.outcome}/${h.mechanism ?? "-"}`;

const linesOf = (name: string): string[] =>
  gunzipSync(readFileSync(`tests/fixtures/recordings/apache/${name}.gz`))
    .toString()
    .trimEnd()
    .split("\n");
const access = linesOf("access.json.log");
const errors = linesOf("error.log");
const RECEIVED_MS = 1_795_478_200_000;

/** Lines of both logs in the order in which Apache wrote them; the machine of the recording ran on UTC. */
function interleaved(): string[] {
  const timed = [
    ...errors.map((line) => ({
      us: Date.parse(`${line.slice(1, 11)}T${line.slice(12, 27)}Z`) * 1000 + Number(line.slice(24, 27)),
      line,
    })),
    ...access.map((line) => ({ us: Number(/"t_end_us":(\d+)/.exec(line)?.[1]), line })),
  ];
  return timed.sort((a, b) => a.us - b.us).map(({ line }) => line);
}

function decodeAll(lines: readonly string[], live = false): Decoded[] {
  const decoder = apacheSource.decoder({ endpoint: null, node: "n", region: "r", live });
  return lines.map((line) => decoder.decode(line, RECEIVED_MS));
}
const handshakesOf = (decoded: readonly Decoded[]): Handshake[] =>
  decoded.flatMap((d) => (d.kind === "handshake" ? [d.handshake] : []));

describe("Apache access log", () => {
  it("every connection with a request once, exactly as it was, mechanism included", async () => {
    const { handshakes, refused } = await replay("apache", "access.json.log");
    expect(refused).toEqual([]);
    expect(handshakes.length).toBe(1_020);
    expect(countBy(handshakes, (h) => key(h as unknown as Handshake))).toEqual(
      countBy(withRequest, truthKey),
    );
  });

  it("loses no line to \\xNN, and reads it as UTF-8", () => {
    expect(access.filter((line) => line.includes("\\xc3\\xa9")).length).toBe(46);
    expect(decodeAll(access).filter((d) => d.kind === "refused")).toEqual([]);
  });

  it("says null for what it cannot know", () => {
    for (const h of handshakesOf(decodeAll(access))) {
      expect([h.offer, h.reason, h.earlyData, h.group, h.handshakeUs, h.ttfbUs, h.keyName]).toEqual(
        Array(7).fill(null),
      );
      if (h.outcome === "full") expect(h.mechanism).toBeNull();
    }
  });

  it("the same through logger and syslog", async () => {
    const { handshakes, refused } = await replay("apache", "syslog_udp.log");
    expect(refused).toEqual([]);
    const first = handshakesOf(decodeAll(access.slice(0, linesOf("syslog_udp.log").length)));
    expect(handshakes.map((h) => [h.ts, h.outcome, h.mechanism])).toEqual(
      first.map((h) => [h.atMs, h.outcome, h.mechanism]),
    );
  });

  it("on a live stream that begins midway, an unseen id is not taken for a ticket", () => {
    const live = handshakesOf(decodeAll(access.slice(500), true));
    expect(live.some((h) => h.mechanism === "ticket")).toBe(false);
    expect(live.some((h) => h.mechanism === "session_id")).toBe(true);
  });

  it("refuses a line without a connection log id: its connection cannot be known", () => {
    const line = (access[0] ?? "").replace(/"conn_log_id":"[^"]*"/, '"conn_log_id":"-"');
    expect(decodeAll([line])).toEqual([
      { kind: "refused", reason: expect.stringContaining("LogLevel ssl:info") },
    ]);
  });
});

describe("Apache error log", () => {
  const decoded = decodeAll(errors);
  const handshakes = handshakesOf(decoded);

  it("failed handshakes by cause: all but those reset before the ClientHello, which leave no line", () => {
    const failed = handshakes.filter((h) => h.outcome === "failed");
    expect(failed.length).toBe(truth.totals.failed - 8);
    expect(failed.every((h) => h.client !== null && h.protocol === null)).toBe(true);
    expect(countBy(failed, (h) => String(h.alert))).toEqual({
      // 4 closed before and 4 after the ClientHello, 5 hung.
      "SSL handshake stopped: connection was closed": 13,
      "unsupported protocol": 6,
      "http request": 6,
      "no shared cipher": 4,
      "tlsv1 alert unknown ca": 3,
      "wrong version number": 2,
      "SSL handshake interrupted by system": 1,
    });
  });

  it("connections without a request, of which it cannot say whether they resumed", () => {
    const silent = handshakes.filter((h) => h.outcome !== "failed");
    expect(silent.length).toBe(140);
    expect(countBy(silent, key)).toEqual(
      countBy(
        ok.filter((c) => c.requests === 0),
        (c) => `${c.protocol}/null/-`,
      ),
    );
    expect(silent.every((h) => h.handshakeUs !== null && h.endpoint !== null && h.client !== null)).toBe(
      true,
    );
  });

  it("both graceful reloads become changes", () => {
    const changes = decoded.flatMap((d) => (d.kind === "change" ? [d.change] : []));
    expect(changes.map(({ kind, detail, node }) => ({ kind, detail, node }))).toEqual(
      Array(2).fill({ kind: "reload", detail: "SIGUSR1 received.  Doing graceful restart", node: "n" }),
    );
  });

  it("refuses nothing, and on a live stream dates lines by their arrival", () => {
    expect(decoded.filter((d) => d.kind === "refused")).toEqual([]);
    expect(new Set(handshakesOf(decodeAll(errors, true)).map((h) => h.atMs))).toEqual(new Set([RECEIVED_MS]));
  });
});

describe("both logs of Apache in one stream", () => {
  const orders = {
    "as written": interleaved(),
    "error log first": [...errors, ...access],
    "access log first": [...access, ...errors],
  };

  it.each(Object.entries(orders))(
    "%s: each connection once, the request log's word first",
    (_name, lines) => {
      const handshakes = handshakesOf(decodeAll(lines));
      expect(handshakes.length).toBe(truth.totals.ok + truth.totals.failed - 8);
      expect(
        countBy(
          handshakes.filter((h) => h.outcome === "full" || h.outcome === "resumed"),
          key,
        ),
      ).toEqual(countBy(withRequest, truthKey));
      expect(handshakes.filter((h) => h.outcome === null).length).toBe(140);
    },
  );

  it("joins the handshake time in microseconds where the error log came first, else says null", () => {
    const timesOf = (lines: readonly string[]) =>
      handshakesOf(decodeAll(lines)).filter((h) => h.outcome === "full" || h.outcome === "resumed");
    const joined = timesOf(orders["as written"]);
    expect(joined.every((h) => h.handshakeUs !== null && h.handshakeUs > 0)).toBe(true);
    // AH02041 at 42.212309, AH01964 at 42.206205.
    expect(joined.find((h) => h.client === "127.0.1.46")?.handshakeUs).toBe(6_104);
    expect(timesOf(orders["error log first"]).every((h) => h.handshakeUs !== null)).toBe(true);
    expect(timesOf(orders["access log first"]).every((h) => h.handshakeUs === null)).toBe(true);
  });

  it("knows all session ids from a start of the server that the live stream has seen", () => {
    const live = handshakesOf(decodeAll(interleaved(), true)).filter((h) => h.outcome === "resumed");
    expect(live.some((h) => h.mechanism === null)).toBe(true);
    // Arrival is after all lines here; with a receiver's clock of the start, nothing is unknown.
    const decoder = apacheSource.decoder({ endpoint: null, node: null, region: null, live: true });
    const startMs = truth.connections[0] ? Math.floor(truth.connections[0].startS * 1000) - 1_000 : 0;
    const known = handshakesOf(interleaved().map((line) => decoder.decode(line, startMs)));
    expect(
      countBy(
        known.filter((h) => h.outcome === "resumed"),
        key,
      ),
    ).toEqual(
      countBy(
        withRequest.filter((c) => c.resumed),
        truthKey,
      ),
    );
  });
});

describe("recognising Apache", () => {
  it("takes its own lines, and nobody else does", () => {
    for (const line of [...access.slice(0, 50), ...errors.slice(0, 50)]) {
      expect(recogniseSource(line)).toBe(apacheSource);
      expect(SOURCES.filter((source) => source.recognises(line))).toEqual([apacheSource]);
    }
  });

  it.each([
    "nginx/access.json.log",
    "nginx/error.log",
    "haproxy/syslog_tcp_rfc5424_octet.raw",
    "caddy/access.log",
    "ats/access.log",
    "ats/diags.log",
  ])("leaves %s alone", (name) => {
    const text = gunzipSync(readFileSync(`tests/fixtures/recordings/${name}.gz`)).toString();
    expect(text.split("\n").some((line) => apacheSource.recognises(line))).toBe(false);
  });
});

it("a connection that Apache makes to its backend is no handshake of a client", () => {
  const line = (code: string, text: string) =>
    `[2026-11-23 23:53:42.206205] [ssl:debug] [pid 1:tid 2] [c:backend] [client 127.0.0.1:443] AH${code}: ${text}`;
  const lines = [
    line("01964", "Connection to child 0 established (server www.example.test:443)"),
    line("02041", "Protocol: TLSv1.3, Cipher: TLS_AES_256_GCM_SHA384 (256/256 bits)"),
    line("02001", "Connection closed to child 0 with standard shutdown (server www.example.test:443)"),
  ];
  expect(handshakesOf(decodeAll(lines))).toEqual([]);
});

it("takes damaged lines for what they are, and never throws", () => {
  const decoder = apacheSource.decoder({ endpoint: null, node: null, region: null, live: true });
  const line = fc.constantFrom(...access.slice(0, 100), ...errors.slice(0, 100));
  fc.assert(
    fc.property(line, fc.nat(400), fc.nat(20), fc.string({ maxLength: 8 }), (text, at, gone, junk) => {
      const decoded = decoder.decode(text.slice(0, at) + junk + text.slice(at + gone), RECEIVED_MS);
      if (decoded.kind === "refused") expect(decoded.reason).not.toBe("");
      if (decoded.kind === "handshake") expect(Number.isFinite(decoded.handshake.atMs)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atsSource } from "../../../collector/sources/ats/source.ts";
import { recogniseSource, SOURCES } from "../../../collector/sources/registry.ts";
import type { Decoded } from "../../../collector/sources/source.ts";
import type { Handshake } from "../../../lib/domain/handshake.ts";
import { countBy, replay, type Truth, truthOf } from "./replay.ts";

const truth = truthOf("ats");
const withRequest = truth.connections.filter((c) => c.outcome === "ok" && c.requests > 0);
const truthKey = (c: Truth["connections"][number]): string =>
  `${c.protocol}/${c.resumed ? "resumed" : "full"}/${c.resumed ? c.mechanism?.replace("+early_data", "") : "-"}`;
const key = (h: Pick<Handshake, "protocol" | "outcome" | "mechanism">): string =>
  `${h.protocol}/${h.outcome}/${h.mechanism ?? "-"}`;

const linesOf = (name: string): string[] =>
  gunzipSync(readFileSync(`tests/fixtures/recordings/ats/${name}.gz`))
    .toString()
    .trimEnd()
    .split("\n");
const access = linesOf("access.log");
const diags = linesOf("diags.log");
/** A day after the recording. */
const RECEIVED_MS = new Date(2026, 10, 25).getTime();

function decodeAll(lines: readonly string[], live = false, receivedMs = RECEIVED_MS): Decoded[] {
  const decoder = atsSource.decoder({ endpoint: null, node: "n", region: "r", live });
  return lines.map((line) => decoder.decode(line, receivedMs));
}
const handshakesOf = (decoded: readonly Decoded[]): Handshake[] =>
  decoded.flatMap((d) => (d.kind === "handshake" ? [d.handshake] : []));
const changesOf = (decoded: readonly Decoded[]) =>
  decoded.flatMap((d) => (d.kind === "change" ? [d.change] : []));

/** Lines of the recording with some fields written otherwise; undefined takes one away. */
function rewritten(change: (fields: Record<string, string>) => Record<string, string | undefined>): string[] {
  return access.map((line) => JSON.stringify({ ...JSON.parse(line), ...change(JSON.parse(line)) }));
}

describe("Traffic Server's access log", () => {
  it("every connection with a request once, exactly as it was; 3 of clear text are none", async () => {
    const { handshakes, refused } = await replay("ats", "access.log");
    expect(refused).toEqual([]);
    expect(handshakes.length).toBe(1_522);
    expect(countBy(handshakes, (h) => key(h as unknown as Handshake))).toEqual(
      countBy(withRequest, truthKey),
    );
  });

  it("every connection has its handshake time in ms from the TLS milestones: first lines alone carry it", () => {
    const handshakes = handshakesOf(decodeAll(access));
    expect(handshakes.every((h) => h.handshakeUs !== null && h.handshakeUs % 1000 === 0)).toBe(true);
    // A slow client was imitated with a round trip of 80 ms.
    expect(handshakes.some((h) => h.handshakeUs !== null && h.handshakeUs >= 80_000)).toBe(true);
  });

  it("says null for what it cannot know, early data included", () => {
    for (const h of handshakesOf(decodeAll(access)))
      expect([h.offer, h.reason, h.earlyData, h.ttfbUs, h.ticketAgeS, h.keyName]).toEqual(
        Array(6).fill(null),
      );
  });

  it("knows later requests in any order (HTTP/2), and connection ids that start again with the server", () => {
    expect(handshakesOf(decodeAll([...access].reverse())).length).toBe(1_522);
    expect(handshakesOf(decodeAll([...access, ...access])).length).toBe(1_522);
    const first = access.find((line) => line.includes('"tls_version":"TLSv1.3"')) ?? "";
    const restarted = JSON.stringify({ ...JSON.parse(first), t_ms: "1795480000.000" });
    expect(handshakesOf(decodeAll([first, restarted])).length).toBe(2);
  });

  it("takes the mechanism of cqssrt where the line has it (10.2 and newer)", () => {
    const modern = rewritten((f) => {
      const cached = f.tls_version === "TLSv1.2" && f.tls_curve !== "-";
      const how = f.tls_reused === "0" ? "0" : cached ? "1" : "2";
      return { tls_group: "X25519", tls_curve: undefined, tls_resumption: how };
    });
    const handshakes = handshakesOf(decodeAll(modern));
    expect(countBy(handshakes, key)).toEqual(countBy(withRequest, truthKey));
    expect(handshakes.every((h) => h.group === "X25519")).toBe(true);
  });

  it("infers no mechanism from the curve where it cannot tell: 10.0 and 10.1, and key exchange without a curve", () => {
    const ten = handshakesOf(decodeAll(rewritten(() => ({ tls_curve: "X25519" }))));
    const firstPsk = ten.findIndex((h) => h.mechanism === "psk");
    const later = ten.slice(firstPsk).filter((h) => h.protocol === "TLSv1.2" && h.outcome === "resumed");
    expect(later.length).toBeGreaterThan(400);
    expect(later.every((h) => h.mechanism === null)).toBe(true);
    const rsa = rewritten((f) =>
      f.tls_version === "TLSv1.2" ? { tls_cipher: "AES256-GCM-SHA384", tls_curve: "-" } : {},
    );
    const old = handshakesOf(decodeAll(rsa)).filter((h) => h.protocol === "TLSv1.2");
    expect(old.every((h) => h.mechanism === null)).toBe(true);
  });
});

describe("Traffic Server's diags.log", () => {
  it("two starts and three reloads become changes when keys are live, not when they are asked for", () => {
    const changes = changesOf(decodeAll(diags));
    const at = (h: number, m: number, s: number, ms: number) => new Date(2026, 10, 24, h, m, s, ms).getTime();
    expect(changes.map((change) => change.atMs)).toEqual([
      at(0, 9, 32, 238),
      at(0, 10, 23, 349),
      at(0, 11, 11, 354),
      at(0, 11, 57, 864),
      at(0, 12, 36, 863),
    ]);
    expect(new Set(changes.map((change) => `${change.kind} ${change.node}`))).toEqual(new Set(["reload n"]));
  });

  it("dates lines by their arrival on a live stream, and by the last year where a date lies ahead", () => {
    expect(changesOf(decodeAll(diags, true)).every((change) => change.atMs === RECEIVED_MS)).toBe(true);
    const [first] = changesOf(decodeAll(diags, false, new Date(2026, 1, 1).getTime()));
    expect(first?.atMs).toBe(new Date(2025, 10, 24, 0, 9, 32, 238).getTime());
  });

  it("takes every other line as about something else", () => {
    expect(decodeAll(diags).filter((d) => d.kind === "refused")).toEqual([]);
  });
});

describe("recognising Traffic Server", () => {
  it("takes its own lines, and nobody else does", () => {
    for (const line of [...access.slice(0, 50), ...diags]) {
      expect(recogniseSource(line)).toBe(atsSource);
      expect(SOURCES.filter((source) => source.recognises(line))).toEqual([atsSource]);
    }
  });

  it.each([
    "nginx/access.json.log",
    "nginx/error.log",
    "caddy/access.log",
    "apache/access.json.log",
    "apache/error.log",
  ])("leaves %s alone", (name) => {
    const text = gunzipSync(readFileSync(`tests/fixtures/recordings/${name}.gz`)).toString();
    expect(text.split("\n").some((line) => atsSource.recognises(line))).toBe(false);
  });
});

it("takes damaged lines for what they are, and never throws", () => {
  const decoder = atsSource.decoder({ endpoint: null, node: null, region: null, live: true });
  const line = fc.constantFrom(...access.slice(0, 100), ...diags.slice(0, 100));
  fc.assert(
    fc.property(line, fc.nat(400), fc.nat(20), fc.string({ maxLength: 8 }), (text, at, gone, junk) => {
      const decoded = decoder.decode(text.slice(0, at) + junk + text.slice(at + gone), RECEIVED_MS);
      if (decoded.kind === "refused") expect(decoded.reason).not.toBe("");
      if (decoded.kind === "handshake") expect(Number.isFinite(decoded.handshake.atMs)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

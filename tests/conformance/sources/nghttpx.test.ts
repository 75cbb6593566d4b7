import { describe, expect, it } from "vitest";
import { nghttpxSource } from "../../../collector/sources/nghttpx/source.ts";
import type { Decoded as Result } from "../../../collector/sources/source.ts";
import { countBy, decodedKey, linesOf, replay, type Truth, truthKey, truthOf } from "./replay.ts";

const DEFAULTS = { endpoint: null, node: "n", region: null, live: false };
const NOW = Date.UTC(2026, 10, 25);
const decodeAll = (lines: readonly string[]): Result[] => {
  const decoder = nghttpxSource.decoder(DEFAULTS);
  return lines.map((line) => decoder.decode(line, NOW));
};
const changesOf = (results: readonly Result[]) =>
  results.flatMap((result) => (result.kind === "change" ? [result.change] : []));

describe("nghttpx, access log", () => {
  const truth = truthOf("nghttpx");
  const withRequest = truth.connections.filter((c) => c.outcome === "ok" && c.requests > 0);

  it("every connection that its log can tell apart, by mechanism; no line lost to its escapes", async () => {
    const { handshakes, refused } = await replay("nghttpx", "access.log");
    expect(refused).toEqual([]);
    // 22 curl runs used the same source port one after the other: equal address, equal flags (SOURCES, verify.json).
    expect(handshakes.length).toBe(withRequest.length - 22);
    const truths = countBy(withRequest, truthKey);
    const decoded = countBy(handshakes, decodedKey);
    expect(Object.keys(decoded).sort()).toEqual(Object.keys(truths).sort());
    for (const [key, count] of Object.entries(decoded)) expect(count).toBeLessThanOrEqual(truths[key] ?? 0);
    // Full handshakes next to resumed ones of the same port differ in their flags: none of them is lost.
    expect(decoded["TLSv1.3/full/-"]).toBe(truths["TLSv1.3/full/-"]);
  });

  it("says null for what its log cannot know", async () => {
    const { handshakes } = await replay("nghttpx", "access.log");
    for (const field of ["offer", "reason", "earlyData", "handshakeUs", "keyName", "alert"])
      expect(handshakes.every((h) => h[field] === null)).toBe(true);
    expect(handshakes.every((h) => String(h.endpoint).endsWith(".example.test"))).toBe(true);
  });

  it("takes new own keys and reloads from the error log at NOTICE", () => {
    const changes = changesOf(decodeAll(linesOf("nghttpx", "error.log")));
    expect(countBy(changes, (change) => change.kind)).toEqual({ key_rotation: 2, reload: 3 });
    expect(changes[0]?.atMs).toBe(Date.UTC(2026, 10, 24, 0, 3, 57, 830));
  });
});

describe("nghttpx, error log at INFO", () => {
  /** `takesTickets`: TLS 1.3, or a session_ticket extension in the ClientHello, as captured on the wire. */
  type Seen = Truth["connections"][number] & {
    readonly offer: string;
    readonly takesTickets: boolean;
    readonly earlyData: string | null;
    readonly failure: string | null;
  };
  const truth = truthOf("nghttpx-info");
  const connections = truth.connections as readonly Seen[];
  const ok = connections.filter((c) => c.outcome === "ok");

  it("every completed handshake, also without a request, by its mechanism", async () => {
    const { handshakes, refused } = await replay("nghttpx", "error-info.log");
    expect(refused).toEqual([]);
    const completed = handshakes.filter((h) => h.outcome !== "failed");
    expect(completed.length).toBe(truth.totals.ok);
    expect(countBy(completed, decodedKey)).toEqual(countBy(ok, truthKey));
    // Whole milliseconds, as the log has them.
    expect(completed.every((h) => Number(h.handshakeUs) >= 0 && Number(h.handshakeUs) % 1000 === 0)).toBe(
      true,
    );
  });

  it("every offer of a client that takes tickets, and null for the others", async () => {
    const { handshakes } = await replay("nghttpx", "error-info.log");
    const completed = handshakes.filter((h) => h.outcome !== "failed");
    const offer = (c: Seen) => (c.takesTickets ? c.offer.replace("+early_data", "") : null);
    expect(countBy(completed, (h) => `${h.protocol} ${h.offer} ${h.outcome}`)).toEqual(
      countBy(ok, (c) => `${c.protocol} ${offer(c)} ${c.resumed ? "resumed" : "full"}`),
    );
  });

  it("every refused ticket with its reason and key, and accepted early data", async () => {
    const { handshakes } = await replay("nghttpx", "error-info.log");
    const unknown = handshakes.filter((h) => h.reason !== null);
    const refusedTickets = ok.filter((c) => !c.resumed && /^(ticket|psk)/.test(c.offer));
    expect(countBy(unknown, (h) => `${h.outcome} ${h.reason}`)).toEqual({
      "full unknown_key": refusedTickets.length,
    });
    expect(unknown.every((h) => /^[0-9a-f]{32}$/.test(String(h.keyName)))).toBe(true);
    const accepted = ok.filter((c) => c.earlyData === "accepted").length;
    // Rejected early data leaves no trace: null, never "none".
    expect(countBy(handshakes, (h) => String(h.earlyData))).toEqual({
      accepted,
      null: handshakes.length - accepted,
    });
  });

  it("every ticket that was made, by the public name of its key", () => {
    const made = decodeAll(linesOf("nghttpx", "error-info.log")).flatMap((result) =>
      result.kind === "key" ? [result.key] : [],
    );
    expect(made.length).toBeGreaterThan(ok.length / 2);
    expect(new Set(made.map(({ use, count }) => `${use} ${count}`))).toEqual(new Set(["issued 1"]));
    expect(made.every(({ keyName }) => /^[0-9a-f]{32}$/.test(keyName))).toBe(true);
  });

  it("every failed handshake but the one that was reset before nghttpx took it", async () => {
    const { handshakes } = await replay("nghttpx", "error-info.log");
    const failed = handshakes.filter((h) => h.outcome === "failed");
    const never = connections.filter((c) => c.failure === "rst_before_ch");
    expect(failed.length).toBe(truth.totals.failed - never.length);
    expect(countBy(failed, (h) => String(h.alert))).toEqual({
      "http request": 1,
      "unexpected eof while reading": 2,
      "libssl error 5": 1,
      "no shared cipher": 1,
      "tlsv1 alert unknown ca": 1,
      "handshake timed out": 2,
    });
  });

  it("leaves access lines out once the error log has told of handshakes, until the next reload", () => {
    const info = linesOf("nghttpx", "error-info.log");
    const access = linesOf("nghttpx", "access.log").slice(0, 1);
    const reload = info.findIndex((line) => line.endsWith("Reloading configuration"));
    expect(decodeAll(access)[0]?.kind).toBe("handshake");
    expect(decodeAll([...info.slice(0, reload), ...access]).at(-1)).toEqual({
      kind: "ignored",
      why: "repeat",
    });
    expect(decodeAll([...info.slice(0, reload + 1), ...access]).at(-1)?.kind).toBe("handshake");
  });

  it("keeps no header that messages go on with, wherever a stream begins; refuses another log format", () => {
    const headers = ["cookie: session=secret", ":path: /secret", "GET /secret HTTP/1.1", "HTTP/1.1 200 OK"];
    expect(new Set(decodeAll(headers).map((decoded) => decoded.kind))).toEqual(new Set(["ignored"]));
    const combined = '192.0.2.1 - - [24/Nov/2026:00:02:27 +0000] "GET / HTTP/1.1" 200 3 "-" "curl/8.1"';
    expect(decodeAll([combined])[0]?.kind).toBe("refused");
  });

  it("takes an idle connection of a clear-text frontend for no failed handshake", () => {
    const at = (thread: string, text: string) => `2026-11-24T00:02:27.504Z 7 7 ${thread} ${text}`;
    const closed = [
      at("ab", "INFO (shrpx_worker.cc:509) [WORKER:0x1] CLIENT_HANDLER:0x2 created "),
      at("ab", "INFO (shrpx_client_handler.cc:72) [CLIENT_HANDLER:0x2] Time out"),
      at("ab", "INFO (shrpx_client_handler.cc:560) [CLIENT_HANDLER:0x2] Deleting"),
    ];
    const listening = (rest: string) => at("aa", `NOTICE (shrpx.cc:1012) Listening on 127.0.0.1:8080${rest}`);
    expect(decodeAll([listening(", tls"), ...closed]).at(-1)?.kind).toBe("handshake");
    expect(decodeAll([listening(""), ...closed]).at(-1)?.kind).toBe("ignored");
  });
});

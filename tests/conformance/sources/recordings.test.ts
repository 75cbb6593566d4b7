import { describe, expect, it } from "vitest";
import { countBy, decodedKey, replay, truthKey, truthOf } from "./replay.ts";

describe("nginx", () => {
  const truth = truthOf("nginx");
  const withRequest = truth.connections.filter((c) => c.outcome === "ok" && c.requests > 0);

  it.each(["access.json.log", "access.kv.log"])(
    "%s: every connection with a request once, exactly as it was",
    async (file) => {
      const { handshakes, refused } = await replay("nginx", file);
      expect(refused).toEqual([]);
      expect(countBy(handshakes, decodedKey)).toEqual(countBy(withRequest, truthKey));
    },
  );

  it("says null for what its log cannot know", async () => {
    const { handshakes } = await replay("nginx", "access.json.log");
    for (const field of ["offer", "reason", "ticketAgeS", "keyName", "ttfbUs"])
      expect(handshakes.every((h) => h[field] === null)).toBe(true);
    expect(handshakes.filter((h) => h.outcome === "full").every((h) => h.mechanism === null)).toBe(true);
  });

  it("shows early data where the log does: 116 of 128, never a false one (SOURCES 3.3)", async () => {
    const { handshakes } = await replay("nginx", "access.json.log");
    expect(countBy(handshakes, (h) => String(h.earlyData))).toMatchObject({ accepted: 116 });
    const early = handshakes.filter((h) => h.earlyData === "accepted");
    expect(early.every((h) => h.mechanism === "psk" && h.handshakeUs === null)).toBe(true);
  });

  it("counts failed handshakes of the error log by cause", async () => {
    const { handshakes } = await replay("nginx", "error.log");
    expect(handshakes.every((h) => h.outcome === "failed" && h.alert)).toBe(true);
    // 5 of the 77 are garbage that nginx took for plain HTTP and logs as a bad request only.
    expect(handshakes.length).toBe(truth.totals.failed - 5);
    expect(countBy(handshakes, (h) => String(h.alert))).toMatchObject({
      "callback failed": 9,
      "no shared cipher": 3,
    });
  });

  it("takes syslog headers off, also with the empty host name of a start", async () => {
    const { handshakes, refused } = await replay("nginx", "syslog_udp.log");
    expect(refused).toEqual([]);
    expect(handshakes.length).toBeGreaterThan(200);
  });
});

describe("HAProxy", () => {
  const truth = truthOf("haproxy");

  it("all 1,816 completed and 80 failed connections, from octet-counted syslog", async () => {
    const { handshakes, refused } = await replay("haproxy", "syslog_tcp_rfc5424_octet.raw");
    expect(refused).toEqual([]);
    const completed = handshakes.filter((h) => h.outcome !== "failed");
    expect(completed.length).toBe(truth.totals.ok);
    expect(handshakes.length - completed.length).toBe(truth.totals.failed);
    const ok = truth.connections.filter((c) => c.outcome === "ok");
    const rate = (list: readonly string[]) => countBy(list, (key) => key.split("/").slice(0, 2).join("/"));
    expect(rate(completed.map(decodedKey))).toEqual(rate(ok.map(truthKey)));
  });

  it("tells session ids from tickets where the line carries the id, and says null where not", async () => {
    const { handshakes } = await replay("haproxy", "syslog_tcp_rfc5424_octet.raw");
    const old = handshakes.filter((h) => h.protocol === "TLSv1.2" && h.outcome === "resumed");
    const ok = truth.connections.filter((c) => c.protocol === "TLSv1.2" && c.resumed);
    const byMechanism = countBy(
      ok.filter((c) => c.requests > 0),
      (c) => String(c.mechanism),
    );
    expect(countBy(old, (h) => String(h.mechanism))).toEqual({
      ...byMechanism,
      null: ok.filter((c) => c.requests === 0).length,
    });
    expect(handshakes.every((h) => h.earlyData === null && h.offer === null)).toBe(true);
  });
});

describe("Caddy", () => {
  const truth = truthOf("caddy");

  it("every connection that its log can tell apart, flags exact", async () => {
    const { handshakes, refused } = await replay("caddy", "access.log");
    expect(refused).toEqual([]);
    const withRequest = truth.connections.filter((c) => c.outcome === "ok" && c.requests > 0);
    // 71 curl runs used the same source port one after the other: equal address, equal flags (SOURCES, verify.json).
    expect(withRequest.length - handshakes.length).toBe(71);
    const truths = countBy(withRequest, truthKey);
    for (const [key, count] of Object.entries(countBy(handshakes, decodedKey)))
      expect(count).toBeLessThanOrEqual(truths[key] ?? 0);
  });

  it("failures of the debug log, all but plain HTTP", async () => {
    const { handshakes } = await replay("caddy", "caddy.log");
    expect(handshakes.filter((h) => h.outcome === "failed").length).toBe(truth.totals.failed - 7);
  });
});

import { describe, expect, it } from "vitest";
import { hitchSource } from "../../../collector/sources/hitch/source.ts";
import { countBy, linesOf, replay, type Truth, truthOf } from "./replay.ts";

type Seen = Truth["connections"][number] & { readonly rttMs: number; readonly failure: string | null };

describe("hitch", () => {
  const truth = truthOf("hitch");
  const connections = truth.connections as readonly Seen[];

  it("all 749 completed handshakes, with an unknown outcome", async () => {
    const { handshakes, refused } = await replay("hitch", "hitch.log");
    expect(refused).toEqual([]);
    const completed = handshakes.filter((h) => h.outcome !== "failed");
    expect(completed.length).toBe(truth.totals.ok);
    for (const field of ["outcome", "offer", "mechanism", "reason", "protocol", "earlyData", "endpoint"])
      expect(completed.every((h) => h[field] === null)).toBe(true);
  });

  it("times each handshake: one round trip, whatever its kind (SOURCES 3.4)", async () => {
    const { handshakes } = await replay("hitch", "hitch.log");
    const times = handshakes.filter((h) => h.outcome === null).map((h) => Number(h.handshakeUs));
    expect(times.every((us) => Number.isInteger(us) && us > 0)).toBe(true);
    const far = connections.filter((c) => c.outcome === "ok" && c.rttMs === 80).length;
    expect(times.filter((us) => us > 75_000).length).toBe(far);
  });

  it("failures by cause, all but those reset before their ClientHello", async () => {
    const { handshakes } = await replay("hitch", "hitch.log");
    const failed = handshakes.filter((h) => h.outcome === "failed");
    const never = connections.filter((c) => c.failure === "rst_before_ch").length;
    expect(never).toBe(5);
    expect(failed.length).toBe(truth.totals.failed - never);
    expect(countBy(failed, (h) => String(h.alert))).toEqual({
      "wrong version number": 15,
      "unexpected eof while reading": 13,
      "http request": 8,
      "no shared cipher": 5,
      "Connection reset by peer": 5,
      "unsupported protocol": 3,
      "tlsv1 alert unknown ca": 2,
    });
  });

  it("one change for each start and each reload", () => {
    const decoder = hitchSource.decoder({ endpoint: null, node: "n", region: null, live: false });
    const changes = linesOf("hitch", "hitch.log")
      .map((line) => decoder.decode(line, 0))
      .flatMap((decoded) => (decoded.kind === "change" ? [decoded.change] : []));
    expect(changes.map((change) => change.title)).toEqual([
      "hitch started",
      "hitch reloaded its configuration",
      "hitch started",
    ]);
    expect(new Set(changes.map((change) => change.kind))).toEqual(new Set(["reload"]));
  });

  it("dates live lines by their arrival, and times handshakes by the log's own clock", () => {
    const decoder = hitchSource.decoder({ endpoint: "shop", node: "n", region: null, live: true });
    const line = (at: string, event: string) => `20261124T000529.${at} [ 5991] [::1]:20000 :0 8:9 ${event}`;
    decoder.decode(line("366866", "ssl handshake start"), 1_000);
    const decoded = decoder.decode(line("373371", "ssl end handshake"), 2_000);
    expect(decoded).toMatchObject({
      kind: "handshake",
      handshake: { atMs: 2_000, handshakeUs: 6_505, endpoint: "shop", client: "[::1]" },
    });
  });

  it("a stream that begins in the middle counts the handshake without its time", () => {
    const decoder = hitchSource.decoder({ endpoint: null, node: "n", region: null, live: true });
    const line = "20261124T000529.373371 [ 5991] 127.0.0.1:20000 :0 8:9 ssl end handshake";
    expect(decoder.decode(line, 5)).toMatchObject({ kind: "handshake", handshake: { handshakeUs: null } });
  });
});

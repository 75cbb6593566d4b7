import { describe, expect, it } from "vitest";
import { stunnelSource } from "../../../collector/sources/stunnel/source.ts";
import { countBy, decodedKey, linesOf, replay, truthKey, truthOf } from "./replay.ts";

const DEFAULTS = { endpoint: null, node: "n", region: null, live: false };
const decodeAll = (lines: readonly string[], live = true) => {
  const decoder = stunnelSource.decoder({ ...DEFAULTS, live });
  return lines.map((line) => decoder.decode(line, 7_000));
};

describe("stunnel", () => {
  const truth = truthOf("stunnel");

  it("all 841 completed handshakes, by protocol, outcome and mechanism", async () => {
    const { handshakes, refused } = await replay("stunnel", "stunnel.log");
    expect(refused).toEqual([]);
    const completed = handshakes.filter((h) => h.outcome !== "failed");
    const ok = truth.connections.filter((c) => c.outcome === "ok");
    expect(completed.length).toBe(truth.totals.ok);
    expect(countBy(completed, decodedKey)).toEqual(countBy(ok, truthKey));
    for (const field of ["offer", "reason", "earlyData", "handshakeUs", "keyName", "family"])
      expect(completed.every((h) => h[field] === null)).toBe(true);
    expect(completed.every((h) => h.endpoint === "https")).toBe(true);
  });

  it("all 53 failed handshakes by cause", async () => {
    const { handshakes } = await replay("stunnel", "stunnel.log");
    const failed = handshakes.filter((h) => h.outcome === "failed");
    expect(failed.length).toBe(truth.totals.failed);
    expect(countBy(failed, (h) => String(h.alert))).toEqual({
      "unexpected eof while reading": 12,
      "Connection reset by peer (104)": 9,
      "wrong version number": 8,
      "no shared cipher": 7,
      "http request": 7,
      "handshake timed out": 6,
      "tlsv1 alert unknown ca": 3,
      "unsupported protocol": 1,
    });
  });

  it("one change for each start and each reload", () => {
    const changes = decodeAll(linesOf("stunnel", "stunnel.log"), false).flatMap((decoded) =>
      decoded.kind === "change" ? [decoded.change] : [],
    );
    const titles = ["started", "reloaded its configuration", "reloaded its configuration", "started"];
    expect(changes.map((change) => change.title)).toEqual(titles.map((title) => `stunnel ${title}`));
  });

  const connection = (id: number, ...said: string[]) =>
    [`Service [https] accepted connection from 192.0.2.1:4${id}`, ...said].map(
      (text) => `2026.11.24 00:09:48 LOG6[${id}]: ${text}`,
    );
  const resumed12 = [
    "TLS accepted: previous session reused",
    "TLSv1.2 ciphersuite: ECDHE-RSA-AES128-SHA (128-bit encryption)",
  ];

  it("leaves the mechanism of TLS 1.2 open until the log has shown that it tells of tickets", () => {
    const ticket = "Decrypted ticket for an authenticated session: yes";
    const lines = [
      ...connection(1, ...resumed12),
      ...connection(2, ticket, ...resumed12),
      ...connection(3, ...resumed12),
    ];
    const made = decodeAll(lines).flatMap((decoded) =>
      decoded.kind === "handshake" ? [decoded.handshake] : [],
    );
    expect(made.map((handshake) => handshake.mechanism)).toEqual([null, "ticket", "session_id"]);
    expect(made[0]).toMatchObject({ atMs: 7_000, client: "192.0.2.1", cipher: "ECDHE-RSA-AES128-SHA" });
  });

  it("takes lines of interleaved connections apart, and those that came over syslog without a time", () => {
    const [one, other] = [
      connection(1, ...resumed12),
      connection(
        2,
        "TLS accepted: new session negotiated",
        "TLSv1.3 ciphersuite: TLS_AES_128_GCM_SHA256 (128-bit encryption)",
      ),
    ];
    const mixed = one
      .flatMap((line, index) => [line, other[index] ?? ""])
      .map((line) => line.slice("2026.11.24 00:09:48 ".length));
    const made = decodeAll(mixed).flatMap((decoded) =>
      decoded.kind === "handshake" ? [decoded.handshake] : [],
    );
    expect(made.map((handshake) => `${handshake.protocol} ${handshake.outcome}`)).toEqual([
      "TLSv1.2 resumed",
      "TLSv1.3 full",
    ]);
  });

  it("counts no handshake of a service in client mode", () => {
    const lines = connection(
      1,
      "s_connect: connected 192.0.2.9:443",
      "TLS connected: new session negotiated",
      "TLSv1.3 ciphersuite: TLS_AES_256_GCM_SHA384 (256-bit encryption)",
    );
    expect(new Set(decodeAll(lines).map((decoded) => decoded.kind))).toEqual(new Set(["ignored"]));
  });
});

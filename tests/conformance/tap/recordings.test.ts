import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { captureOf, RECORDED, tapped } from "../../support/captures.ts";

/** What an independent decoder said of each connection, and what the clients themselves reported. */
type Decoded = {
  readonly offered: string;
  readonly offered_key_name: string | null;
  readonly offered_len: number;
  readonly version: string;
  readonly resumed: boolean;
  readonly mechanism: string;
  readonly nst_key_name?: string;
  readonly hint?: number;
  readonly hs_ms?: number;
};
const decoded = new Map<string, Decoded[]>();
for (const recorded of RECORDED) decoded.set(recorded, []);
let name = "";
for (const line of readFileSync("tests/fixtures/pcap/decoded.txt", "utf8").split("\n"))
  if (line.startsWith("## ")) name = line.slice(3);
  else if (line !== "") decoded.get(name)?.push(JSON.parse(line.slice(line.indexOf("{"))));

it.each(RECORDED)("%s: every connection as it was", (recorded) => {
  const { handshakes, keys, counts, problem } = tapped(captureOf(recorded));
  const expected = decoded.get(recorded) ?? [];
  expect(handshakes.map((h) => [h.protocol, h.offer, h.outcome, h.mechanism ?? "full", h.keyName])).toEqual(
    expected.map((d) => [
      d.version,
      d.offered.replace("+early_data", ""),
      d.resumed ? "resumed" : "full",
      d.mechanism,
      // A short identity is a session of the server's own, and has no name.
      d.offered_len > 64 ? d.offered_key_name : null,
    ]),
  );
  const issued = expected.filter((d) => d.nst_key_name !== undefined);
  expect(keys.map((key) => [key.keyName, key.lifetimeHintS ?? 0])).toEqual(
    issued.map((d) => [d.nst_key_name, d.hint]),
  );
  const timed = expected.flatMap((d) => (d.hs_ms === undefined ? [] : [d.hs_ms]));
  if (timed.length > 0) expect(handshakes.map((h) => (h.handshakeUs ?? 0) / 1_000)).toEqual(timed);
  expect(problem).toBeNull();
  expect(counts).toMatchObject({ malformed: 0, missing: 0, unfinished: 0, evicted: 0, notTls: 0 });
});

it("tells early data: accepted, and refused with its PSK", () => {
  expect(tapped(captureOf("tls13_early_data")).handshakes.map((h) => h.earlyData)).toEqual([
    "none",
    "accepted",
    "rejected",
  ]);
});

it("gives a reason only where it is certain", () => {
  const reasons = (recorded: string) => tapped(captureOf(recorded)).handshakes.map((h) => h.reason);
  // The key was replaced, and the ticket was seconds old.
  expect(reasons("tls12_ticket")).toEqual([null, null, null, "unknown_key"]);
  expect(reasons("tls12_random_key_restart")).toEqual([null, null, "unknown_key", "unknown_key"]);
  // One refused PSK of unknown age, and a session cache: anything may have been the cause.
  expect(reasons("tls13_psk")).toEqual([null, null, null, null]);
  expect(reasons("tls12_session_id")).toEqual([null, null, null]);
});

it("reads retries, failures and session ids of OpenSSL as its clients reported them", () => {
  const { handshakes } = tapped(captureOf("openssl"));
  const seen = handshakes.map((h) =>
    [h.outcome, h.offer, h.earlyData, h.helloRetry ? "retry" : "", h.alert ?? ""].join(" ").trim(),
  );
  expect(seen.map((text) => text.replace(/\s+/g, " "))).toEqual([
    "full none none",
    "resumed psk none",
    "full none none retry",
    "resumed psk none retry",
    "full none none",
    "resumed psk accepted",
    "resumed psk rejected retry",
    "full none none",
    "resumed ticket none",
    "full none none",
    "resumed session_id none",
    "failed none none unknown_ca",
    "failed none none unknown_ca",
    "failed none none handshake_failure",
    "failed none none handshake_failure",
    "full none none",
    "resumed psk none",
  ]);
});

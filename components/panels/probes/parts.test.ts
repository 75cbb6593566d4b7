import { expect, it } from "vitest";
import type { ProbeTargetView } from "@/lib/contract/probe.ts";
import { agreementInShort, agreementParts, connectUsOf, handshakeUsOf, savedUsOf } from "./parts.ts";

const timings = [
  { step: "full_tls13", connectUs: 900, handshakeUs: 3_000, resumed: false },
  { step: "psk", connectUs: 700, handshakeUs: 1_000, resumed: true },
  { step: "full_tls12", connectUs: 800, handshakeUs: 4_000, resumed: false },
  { step: "ticket", connectUs: 800, handshakeUs: 4_100, resumed: false },
] as const;
const probe = { timings } as unknown as NonNullable<ProbeTargetView["nodes"][number]["probe"]>;

it("takes a resumption's time only where it resumed", () => {
  expect(handshakeUsOf(probe, "psk")).toBe(1_000);
  expect(handshakeUsOf(probe, "ticket")).toBeNull();
  expect(handshakeUsOf(null, "psk")).toBeNull();
  expect(savedUsOf(probe, "psk")).toBe(2_000);
  expect(savedUsOf(probe, "ticket")).toBeNull();
  expect(connectUsOf(probe)).toBe(700);
  expect(connectUsOf(null)).toBeNull();
});

it("shows what was not told as not tried, with its reason", () => {
  const cell = { from: "a", to: "b", atMs: 1 };
  const agreement = (mechanism: "psk" | "session_id") => ({
    ...{ mechanism, nodes: ["a", "b"], kind: "mixed", misfits: [], sentence: "…" },
    cells: [
      { ...cell, accepted: true, reason: null },
      { ...cell, to: "c", accepted: false, reason: "unknown_key" },
      { ...cell, to: "d", accepted: null, reason: "d: connection refused" },
    ],
  });
  const target = { endpoint: "shop", agreements: [agreement("session_id"), agreement("psk")] };
  const [first, second] = agreementParts(target as unknown as ProbeTargetView);
  expect([first?.id, second?.id]).toEqual(["probe-psk", "probe-session_id"]);
  expect(first?.pairs.map(({ accepted, offered, reason }) => [accepted, offered, reason])).toEqual([
    [1, 1, null],
    [0, 1, "unknown key"],
    [0, 0, "d: connection refused"],
  ]);
});

it("says in two words who does not agree, session ids apart", () => {
  const short = (...agreements: object[]) => agreementInShort({ agreements } as unknown as ProbeTargetView);
  const agree = { mechanism: "psk", kind: "agree", misfits: [] };
  expect(short()).toEqual({ tone: "unknown", word: "not compared" });
  expect(short(agree, { mechanism: "session_id", kind: "unshared", misfits: [] }).word).toBe("all agree");
  expect(short(agree, { mechanism: "ticket", kind: "misfits", misfits: ["edge-3"] })).toEqual({
    ...{ tone: "bad", word: "edge-3 apart" },
  });
  expect(short({ ...agree, kind: "misfits", misfits: ["a", "b"] }).word).toBe("2 nodes apart");
  expect(short({ ...agree, kind: "unshared" }).word).toBe("nothing shared");
});

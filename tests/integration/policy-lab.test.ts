import { afterEach, beforeEach, expect, it } from "vitest";
import { labParams, labReply, recoveryParams, recoveryReply } from "../../lib/contract/read-lab.ts";
import { DEFAULT_COSTS } from "../../lib/domain/cost.ts";
import { NO_INTENT } from "../../lib/domain/intent.ts";
import { readLab } from "../../lib/read/lab.ts";
import { readRecoveryAt } from "../../lib/read/lab-recovery.ts";
import type { CommittedKey } from "../../lib/store/port-keys.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 24, 12, 0, 5);
const PERIOD = 6 * HOUR;

let fleet: StoredFleet;
beforeEach(async () => {
  fleet = await storedFleet(() => NOW);
});
afterEach(() => fleet.destroy());

const lab = async (query: Record<string, string> = {}) =>
  labReply.parse(
    await readLab(fleet.reader, 1, { params: labParams.parse(query), nowMs: NOW, costs: DEFAULT_COSTS }),
  );

const psk: Pick<Told, "outcome" | "offer" | "mechanism" | "protocol"> = {
  outcome: "resumed",
  offer: "psk",
  mechanism: "psk",
  protocol: "TLSv1.3",
};

it("counts what resumed by ticket, by PSK (said or not) and otherwise, with ages; bots leave it alone", async () => {
  const atMs = NOW - 2 * HOUR;
  await fleet.tell([
    { ...psk, atMs, count: 60, ageS: 300 },
    { ...psk, atMs, mechanism: null, count: 10, ageS: 4_000 },
    { atMs, outcome: "resumed", mechanism: "ticket", protocol: "TLSv1.2", count: 20, ageS: 50 },
    { atMs, outcome: "resumed", mechanism: "session_id", protocol: "TLSv1.2", count: 5 },
    { atMs, outcome: "resumed", mechanism: null, protocol: "TLSv1.2", count: 3 },
    { atMs, outcome: "full", offer: "none", count: 100 },
    { atMs, outcome: "failed", count: 7 },
    { ...psk, atMs, family: "bot", count: 1_000, ageS: 1 },
    { ...psk, atMs, endpoint: "other", count: 40, ageS: 9 },
  ]);
  const reply = await lab({ endpoint: "shop" });
  expect(reply).toMatchObject({ completed: 198, byTicket: 90, otherwise: 8, unknownMechanism: 3, spread: 1 });
  expect(reply.ages.map(({ count }) => count)).toEqual([20, 60, 10]);
  expect(reply.load.last).toMatchObject({ fullPerS: 100 / 3_600, ticketPerS: 90 / 3_600 });
  // ECDSA P-256: 253 µs a ticket of TLS 1.2, also for what does not say its protocol, 253 µs a PSK of TLS 1.3.
  expect(reply.load.last?.ticketCores).toBeCloseTo((90 * 253) / 1e6 / 3_600, 9);
  expect((await lab()).byTicket).toBe(130);
  expect(reply.today).toEqual({ lifetimeS: null, periodS: null, retained: null });
});

it("knows today's policy from keys that were seen, and from what was declared where nothing was seen", async () => {
  const keys: CommittedKey[] = [];
  for (let number = 0; number < 8; number += 1)
    for (const node of ["n1", "n2"]) {
      const firstMs = NOW - HOUR - (7 - number) * PERIOD;
      const sight = { endpoint: "shop", node, keyName: `${number}`.padStart(16, "0"), source: "native" };
      const at = (ms: number) => ({
        bucketStartMs: Math.floor(ms / 600_000) * 600_000,
        firstMs: ms,
        lastMs: ms + MINUTE,
      });
      keys.push({ ...sight, ...at(firstMs), use: "issued", count: 50, lifetimeHintS: 7_200 });
      keys.push({ ...sight, ...at(firstMs + 2 * MINUTE), use: "accepted", count: 50, lifetimeHintS: null });
    }
  await fleet.tell([{ ...psk, atMs: NOW - HOUR, count: 10, ageS: 60 }], { keys });
  const { today } = await lab({ endpoint: "shop" });
  expect(today.lifetimeS).toEqual({ value: 7_200, from: "keys" });
  expect(today.periodS).toEqual({ value: PERIOD / 1_000, from: "keys" });
  await fleet.writer.policy.saveIntent(1, {
    endpoint: "other",
    intent: { ...NO_INTENT, ticketLifetimeS: 600, retainedKeys: 2, revocationSlaS: 900 },
    actor: "ann",
    updatedMs: NOW,
  });
  const other = await lab({ endpoint: "other" });
  expect(other.today).toEqual({
    lifetimeS: { value: 600, from: "declared" },
    periodS: null,
    retained: { value: 2, from: "declared" },
  });
  expect(other.bounds).toEqual({ certificateUntilMs: null, revocationSlaS: 900 });
});

it("lays the predicted recovery over what came since all tickets died", async () => {
  const at = NOW - 40 * MINUTE;
  const told: Told[] = [];
  for (let atMs = at - 3 * HOUR; atMs < NOW - MINUTE; atMs += MINUTE) {
    const share = atMs < at ? 0.6 : 0.6 * Math.min(1, (atMs - at) / (60 * MINUTE));
    // Ages spread evenly up to an hour, so that R comes back along a line.
    const ageS = 60 + ((((atMs - at) / MINUTE) * 7) % 60) * 60;
    told.push({ ...psk, atMs, count: Math.max(1, Math.round(200 * share)), ageS: Math.abs(ageS) });
    told.push({
      atMs,
      outcome: "full",
      offer: "psk",
      reason: "unknown_key",
      count: Math.round(200 * (1 - share)),
    });
  }
  await fleet.tell(told);
  const ask = async (query: Record<string, string>) =>
    recoveryReply.parse(
      await readRecoveryAt(fleet.reader, 1, { params: recoveryParams.parse(query), nowMs: NOW }),
    );
  const { recovery } = await ask({ at: String(at), endpoint: "shop" });
  expect(recovery?.basis).toBe("measured");
  expect(["as_predicted", "too_early"]).toContain(recovery?.verdict);
  const eta = ((recovery?.eta?.atMs ?? 0) - at) / MINUTE;
  expect(eta).toBeGreaterThan(40);
  expect(eta).toBeLessThan(75);
  expect(recovery?.actual[0]?.t).toBeGreaterThanOrEqual(Math.floor(at / MINUTE) * MINUTE);
  expect((await ask({ at: String(at), endpoint: "nowhere" })).recovery).toBeNull();
  await expect(ask({ at: String(NOW + HOUR) })).rejects.toThrow("future");
});

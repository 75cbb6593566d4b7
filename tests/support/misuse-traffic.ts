/** An hour of handshakes with tickets as the native source takes them, benign but for what was put in. */
import type { Handshake } from "../../lib/domain/handshake.ts";
import { BEGIN_MS, CGNAT, seeded, theft, ticketTraffic } from "./ticket-fleet.ts";

const MINUTE = 60_000;

/** Events for /v1/handshakes that end shortly before `nowMs`: an hour of usual traffic, failures and early data among it. */
export function usualHour(nowMs: number): object[] {
  const random = seeded(77);
  const shiftMs = nowMs - BEGIN_MS - 61 * MINUTE;
  return [...ticketTraffic(CGNAT, 1, 21)].map((one) => {
    const atMs = one.atMs + shiftMs;
    const early = one.offer === "psk" && random() < 0.3 ? earlyOf(one, random()) : {};
    return wire({ ...one, atMs, ...early, ...(random() < 0.02 ? failed(one, random()) : {}) });
  });
}

function earlyOf(one: Handshake, chance: number): Partial<Handshake> {
  if (one.outcome !== "resumed") return { earlyData: "rejected", earlyDataReason: "ticket not accepted" };
  if (chance < 0.92) return { earlyData: "accepted" };
  return { earlyData: "rejected", earlyDataReason: chance < 0.97 ? "hello_retry_request" : "alpn_mismatch" };
}

function failed(one: Handshake, chance: number): Partial<Handshake> {
  const alert =
    chance < 0.6 ? "certificate_unknown" : chance < 0.85 ? "protocol_version" : "handshake_failure";
  return {
    outcome: "failed",
    mechanism: null,
    reason: null,
    earlyData: null,
    earlyDataReason: null,
    alert,
    offer: one.offer,
  };
}

/** A stolen ticket from 20 networks, tickets accepted under another name, replayed early data, and tickets that somebody tries. */
export function attacks(nowMs: number): object[] {
  const fromMs = nowMs - 10 * MINUTE;
  const stolen = theft({ fromMs, everyMs: 15_000, networks: 20 });
  const crossed = theft({ fromMs, everyMs: 20_000, networks: 14 }).flatMap((one, i) => [
    { ...one, ticketId: `crossed-${i}`, client: "10.0.3.9" },
    { ...one, ticketId: `crossed-${i}`, client: "10.0.3.9", endpoint: "admin.example" },
  ]);
  const replayed = theft({ fromMs, everyMs: 1_000, networks: 3 }).map((one) => ({
    ...one,
    ...({
      ticketId: "early",
      client: "10.0.4.7",
      protocol: "TLSv1.3",
      offer: "psk",
      mechanism: "psk",
    } as const),
    ...({ earlyData: "accepted", endpoint: "api.example", node: "edge-2" } as const),
  }));
  const tried = theft({ fromMs, everyMs: 900, networks: 240 }).map((one, i) => ({
    ...one,
    ...({ outcome: "full", mechanism: null, reason: i % 5 === 0 ? "unknown_key" : "corrupt" } as const),
    ...{ ticketId: `tried-${i}`, client: "192.0.2.66", family: "python" },
  }));
  return [...stolen, ...crossed, ...replayed, ...tried].map(wire);
}

function wire({ atMs, ...rest }: Handshake): object {
  return { ts: atMs, ...rest };
}

/** A week of keys and tickets of a small fleet, as a source that reads key names tells them. */
import { createHash } from "node:crypto";
import { post } from "./stack.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAYS = 7;
/** A new key twice a day, two old ones kept, tickets of a day. */
export const PERIOD_MS = 12 * HOUR_MS;
export const LIFETIME_S = 86_400;
const NODES = ["edge-1", "edge-2", "edge-3", "edge-4"] as const;
/** It missed the last rotation: it goes on under the key before. */
export const STALE_NODE = "edge-3";
const REGIONS: Readonly<Record<string, string>> = {
  "edge-1": "eu",
  "edge-2": "eu",
  "edge-3": "us",
  "edge-4": "us",
};
const BATCH = 4_000;
const PER_HOUR = 240;

/** Sixteen bytes of hexadecimal: a key's public name. */
export function keyNameOf(label: string): string {
  return createHash("sha256").update(label).digest("hex").slice(0, 32);
}

/** Shares of ticket ages (log-normal, median ten minutes), in seconds. */
const AGES = [20, 60, 150, 300, 600, 1_200, 2_400, 5_400, 14_400, 40_000] as const;

type Clock = { readonly nowMs: number; readonly startMs: number };

/** The number of the key that is current at a moment, and at a node: the stale one is a key behind since the last rotation. */
function keyAt(atMs: number, node: string, { nowMs, startMs }: Clock): number {
  const number = Math.floor((atMs - startMs) / PERIOD_MS);
  const last = Math.floor((nowMs - startMs) / PERIOD_MS);
  return node === STALE_NODE && number === last ? number - 1 : number;
}

/** When the last rotation was: a third of a period ago at least. */
export function clockOf(nowMs: number): Clock {
  const lastMs = nowMs - Math.floor(PERIOD_MS / 3);
  return { nowMs, startMs: lastMs - Math.floor((DAYS * 24 * HOUR_MS) / PERIOD_MS) * PERIOD_MS };
}

const shopKey = (number: number): string => keyNameOf(`shop-${number}`);

/** Pushes the week, the rotations that were announced (all but one, and one that never was), and one revoked key. */
export async function pushKeyHistory(collectorUrl: string, nowMs: number): Promise<void> {
  const clock = clockOf(nowMs);
  await pushAll(`${collectorUrl}/v1/handshakes?node=seed`, handshakes(clock));
  await pushAll(`${collectorUrl}/v1/keys?node=seed`, keys(clock));
  await post(`${collectorUrl}/v1/changes`, [...changes(clock)]);
}

async function pushAll(url: string, items: Iterable<unknown>): Promise<void> {
  let batch: unknown[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    await post(url, batch);
    batch = [];
  }
  if (batch.length) await post(url, batch);
}

const hoursOf = function* ({ nowMs, startMs }: Clock): Generator<number> {
  for (let atMs = startMs + 5 * MINUTE_MS; atMs < nowMs - MINUTE_MS; atMs += HOUR_MS) yield atMs;
};

function* handshakes(clock: Clock): Generator<unknown> {
  for (const atMs of hoursOf(clock))
    for (const node of NODES) {
      const place = {
        ts: atMs,
        endpoint: "shop.example",
        node,
        region: REGIONS[node],
        family: "chrome",
        protocol: "TLSv1.3",
      };
      // Busier by day.
      const busy = 1 + 0.5 * Math.sin(((atMs % (24 * HOUR_MS)) / (24 * HOUR_MS)) * 2 * Math.PI);
      const count = Math.round((PER_HOUR * busy) / AGES.length);
      for (const [i, middleS] of AGES.entries()) {
        // Another age each hour, so that the distribution is a smooth one.
        const ageS = Math.round(middleS * (0.6 + 0.08 * ((Math.floor(atMs / HOUR_MS) * 7 + i * 3) % 11)));
        yield* visit(clock, { ...place, ageS, count });
      }
      // Some come back with a ticket that is long over: their key is gone everywhere.
      yield* visit(clock, { ...place, ageS: 40 * 3_600, count: NODES.length });
      yield { ...place, outcome: "full", offer: "none", handshakeUs: 2_600, count: 4 * count };
    }
}

type Visit = { readonly ts: number; readonly node: string; readonly ageS: number; readonly count: number };

/** Clients come back with tickets of any node: one that the node has no key for makes a full handshake. */
function* visit(clock: Clock, { ageS, count, ...place }: Visit): Generator<unknown> {
  for (const issuer of NODES) {
    const share = Math.round(count / NODES.length);
    if (share === 0) continue;
    const issuedMs = place.ts - ageS * 1_000;
    if (issuedMs < clock.startMs) continue;
    const [key, held] = [keyAt(issuedMs, issuer, clock), keyAt(place.ts, place.node, clock)];
    const accepted = key <= held && key >= held - 2;
    const offer = { ...place, offer: "psk", ticketAgeS: ageS, keyName: shopKey(key), count: share };
    yield accepted
      ? { ...offer, outcome: "resumed", mechanism: "psk", handshakeUs: 900 }
      : { ...offer, outcome: "full", reason: "unknown_key", handshakeUs: 2_600 };
  }
}

function* keys(clock: Clock): Generator<unknown> {
  for (const ts of hoursOf(clock))
    for (const node of NODES)
      yield {
        ts,
        endpoint: "shop.example",
        node,
        keyName: shopKey(keyAt(ts, node, clock)),
        action: "issued",
        count: PER_HOUR,
        lifetimeHintS: LIFETIME_S,
      };
  for (const ts of hoursOf(clock))
    for (const action of ["issued", "accepted"])
      yield {
        ts,
        endpoint: "api.example",
        node: "api-1",
        keyName: keyNameOf("api"),
        action,
        count: 30,
        ...(action === "issued" ? { lifetimeHintS: 7_200 } : {}),
      };
}

function* changes({ nowMs, startMs }: Clock): Generator<unknown> {
  const last = Math.floor((nowMs - startMs) / PERIOD_MS);
  for (let number = 1; number <= last; number += 1) {
    // One rotation that nobody announced.
    if (number === last - 3) continue;
    yield {
      id: `rotation-${number}`,
      ts: startMs + number * PERIOD_MS,
      kind: "key_rotation",
      title: `Rotate the ticket keys of shop.example (${number})`,
      endpoint: "shop.example",
      actor: "keys-pipeline",
    };
  }
  // One that never came.
  yield {
    id: "rotation-api",
    ts: nowMs - 30 * HOUR_MS,
    kind: "key_rotation",
    title: "Rotate the ticket keys of api.example",
    endpoint: "api.example",
    actor: "ann",
  };
}

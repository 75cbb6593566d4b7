import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { push, startCollector, type TestCollector } from "../support/collector.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 3);
const MINUTE = 60_000;
const name = (digit: string): string => digit.repeat(32);

let collector: TestCollector;
beforeEach(async () => {
  collector = await startCollector({}, () => NOW);
});
afterEach(() => collector.destroy());

const line = (part: object = {}) => ({
  ...{ ts: NOW, keyName: name("a"), endpoint: "shop", node: "n1", action: "issued" },
  ...part,
});
const sightings = async () => {
  const list = await collector.store.keys.readSightings(1, { sinceMs: 0, limit: 1_000 });
  return list.map(({ keyName, ...rest }) => ({ key: keyName, ...rest }));
};
const events = () => collector.store.keys.readKeyEvents(1, { fromMs: 0, toMs: NOW + MINUTE, limit: 100 });

describe("POST /v1/keys", () => {
  it("takes NDJSON, one object and arrays, compressed too", async () => {
    const url = `${collector.url}/v1/keys`;
    expect((await push(url, [line(), line({ count: 4 })])).body).toMatchObject({ accepted: 2, rejected: 0 });
    expect((await push(url, JSON.stringify(line({ node: "n2" }), null, 2))).body.accepted).toBe(1);
    const array = JSON.stringify([line({ action: "loaded" }), line({ action: "promoted", actor: "ann" })]);
    expect((await push(url, gzipSync(array), { "content-encoding": "gzip" })).body.accepted).toBe(2);
    const counts = (await sightings()).map(({ node, use, count }) => `${node} ${use} ${count}`);
    expect(counts.sort()).toEqual(["n1 issued 5", "n1 loaded 1", "n2 issued 1"]);
    expect(await events()).toMatchObject([{ action: "promoted", actor: "ann", via: "native", node: "n1" }]);
  });

  it("takes what is good of a push and says what is wrong with the rest", async () => {
    const { status, body } = await push(`${collector.url}/v1/keys`, [
      line(),
      line({ action: "eaten" }),
      line({ keyName: undefined }),
      line({ ts: NOW + 3_600_000 }),
      line({ action: "revoked", count: 3 }),
      line({ node: { length: 3 } }),
      "not an object",
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ accepted: 1, rejected: 6 });
    expect(body.errors.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(body.errors[0]?.reason).toContain("action must be one of issued, accepted");
    expect(body.errors[3]?.reason).toContain("count is of uses only");
  });

  it("counts a push with an Idempotency-Key once, and an event with an id too", async () => {
    const headers = { "idempotency-key": "once" };
    const lines = [line(), line({ id: "e-1", action: "revoked", reason: "leaked" })];
    await push(`${collector.url}/v1/keys`, lines, headers);
    expect((await push(`${collector.url}/v1/keys`, lines, headers)).body).toMatchObject({ duplicate: 2 });
    await push(`${collector.url}/v1/keys`, [lines[1]]);
    expect((await sightings())[0]?.count).toBe(1);
    expect(await events()).toHaveLength(1);
  });

  it("refuses keys themselves, in any spelling and field, and keeps nothing of them", async () => {
    const key = randomBytes(80);
    const spellings = [
      key.toString("hex"),
      key.subarray(0, 48).toString("hex").toUpperCase(),
      key.toString("base64"),
      key.subarray(0, 48).toString("base64"),
      key.toString("base64url"),
      (key.toString("hex").match(/../g) ?? []).join(":"),
    ];
    const lines = [
      ...spellings.map((keyName) => line({ keyName })),
      line({ reason: spellings[0], action: "revoked" }),
      line({ action: spellings[2] }),
      line(),
    ];
    const { body } = await push(`${collector.url}/v1/keys`, lines);
    expect(body).toMatchObject({ accepted: 1, rejected: 8 });
    for (const { reason } of body.errors) expect(reason).toMatch(/holds (48|80) bytes.*never a key/);
    const material = spellings.map((text) => text.slice(0, 20));
    for (const text of material) expect(JSON.stringify(body)).not.toContain(text);
    const handshake = { ts: NOW, outcome: "resumed", keyName: spellings[0] };
    expect((await push(`${collector.url}/v1/handshakes`, [handshake])).body.errors[0]?.reason).toContain(
      "never a key",
    );
    await collector.close();
    const file = readFileSync(join(collector.dataDir, "reprise.db"), "latin1");
    const wal = file + readMaybe(join(collector.dataDir, "reprise.db-wal"));
    for (const text of [...material, key.toString("latin1").slice(0, 12), name("a")])
      expect(wal.includes(text)).toBe(false);
  });
});

function readMaybe(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

describe("handshakes that name a key", () => {
  const handshake = (part: object) => ({
    ...{ ts: NOW - MINUTE, endpoint: "shop", node: "n1", protocol: "TLSv1.3", keyName: name("a") },
    ...{ outcome: "resumed", offer: "psk", mechanism: "psk" },
    ...part,
  });

  it("are sightings under the same hash as /v1/keys: resumed is accepted, offered and full is refused", async () => {
    const refused = { outcome: "full", mechanism: null, reason: "unknown_key", ts: NOW, count: 7 };
    await push(`${collector.url}/v1/handshakes`, [handshake({}), handshake({ ts: NOW }), handshake(refused)]);
    await push(`${collector.url}/v1/handshakes`, [
      handshake({ outcome: "full", mechanism: null, offer: "none" }),
    ]);
    await push(`${collector.url}/v1/keys`, [line({ lifetimeHintS: 7_200 })]);
    const known = { endpoint: "shop", node: "n1", source: "native" };
    const list = await sightings();
    expect(new Set(list.map(({ key }) => key)).size).toBe(1);
    expect(list[0]?.key).toMatch(/^[0-9a-f]{16}$/);
    expect(list.map(({ key: _, ...rest }) => rest)).toEqual(
      expect.arrayContaining([
        { ...known, use: "accepted", firstMs: NOW - MINUTE, lastMs: NOW, count: 2, lifetimeHintS: null },
        { ...known, use: "refused", firstMs: NOW, lastMs: NOW, count: 7, lifetimeHintS: null },
        { ...known, use: "issued", firstMs: NOW, lastMs: NOW, count: 1, lifetimeHintS: 7_200 },
      ]),
    );
    expect(list).toHaveLength(3);
  });

  it("fill neither store nor metrics when every one names another key (FM-19)", async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) =>
      handshake({ keyName: i.toString(16).padStart(32, "0") }),
    );
    await push(`${collector.url}/v1/handshakes`, lines);
    const list = await sightings();
    expect(list).toHaveLength(65);
    expect(list.find(({ key }) => key === "(other)")?.count).toBe(3_000 - 64);
    const metrics = await (await fetch(`${collector.url}/metrics`)).text();
    expect(metrics).toContain("reprise_key_uses_beyond_limit_total 2936");
  });

  it("are told by agents as folded lines", async () => {
    const key = { ts: NOW, keyName: name("b"), endpoint: "shop", node: "n3", action: "accepted", count: 12 };
    const { body } = await push(`${collector.url}/v1/rollups?source=nghttpx&node=n3&via=agent`, [{ key }]);
    expect(body).toMatchObject({ accepted: 1, rejected: 0 });
    expect(await sightings()).toMatchObject([{ node: "n3", use: "accepted", count: 12, source: "nghttpx" }]);
  });
});

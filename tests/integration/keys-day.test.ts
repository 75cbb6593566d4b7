import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GET as getKey } from "../../app/api/keys/[key]/route.ts";
import { GET as getKeys, POST as postKeys } from "../../app/api/keys/route.ts";
import { KeyWatch } from "../../collector/jobs/keys.ts";
import { type KeysReply, keysReply, keyUsesReply } from "../../lib/contract/read-keys.ts";
import { push, startCollector, type TestCollector } from "../support/collector.ts";
import {
  announce,
  BEGAN,
  HOUR,
  keyName,
  LIFETIME_S,
  MINUTE,
  STRAGGLER,
  tellHours,
} from "../support/key-story.ts";

/** The console's clock is the real one, so the day ends now. */
const START = Math.floor((Date.now() - 28 * HOUR) / (10 * MINUTE)) * 10 * MINUTE;
const END = START + 28 * HOUR;
let now = START;
let collector: TestCollector;
let watch: KeyWatch;
let reply: KeysReply;
/** Hashes of the story's keys by number, in the order in which they began. */
let hashes: string[] = [];

const run = (hour: number) => watch.job.run(START + hour * HOUR);
const tell = (fromHour: number, toHour: number) =>
  tellHours(collector.url, { startMs: START, fromHour, toHour }, (ms) => {
    now = ms;
  });
const get = async (query = "") => {
  const response = await getKeys(new Request(`http://console.test/api/keys${query}`));
  return { status: response.status, body: await response.json() };
};
const rotation = (key: number) => reply.rotations.find(({ keyName: hash }) => hash === hashes[key]);
const observed = async () => {
  const changes = await collector.store.readChanges(1, { fromMs: START, toMs: END, limit: 100 });
  return changes.filter(({ via }) => via === "observed");
};
const findings = () => collector.store.findings.readFindings(1, { fromMs: 0, toMs: END + HOUR, limit: 100 });

beforeAll(async () => {
  collector = await startCollector({}, () => now);
  vi.stubEnv("REPRISE_DATA_DIR", collector.dataDir);
  watch = new KeyWatch(collector.store, 1);
  await tell(0, 6);
  await announce(collector.url, "two-stage", START + 5.9 * HOUR);
  await tell(6, 13);
  await run(12.1);
  await run(13);
  await run(13);
  await tell(13, 18);
  await announce(collector.url, "left-behind", START + 17.9 * HOUR);
  await tell(18, 24);
  await run(23);
  now = START + 24 * HOUR;
  const revoked = { ts: now, keyName: keyName(3), action: "revoked", actor: "ann", reason: "leaked" };
  await push(`${collector.url}/v1/keys`, [revoked, { ...revoked, keyName: keyName(4), action: "promoted" }]);
  await tell(24, 26);
  await announce(collector.url, "never-done", START + 25.2 * HOUR);
  await tell(26, 28);
  await run(28);
  reply = keysReply.parse((await get("?from=now-2d")).body);
  const age = (a: { firstMs: number | null }, b: { firstMs: number | null }) =>
    (a.firstMs ?? 0) - (b.firstMs ?? 0);
  hashes = reply.keys.toSorted(age).map(({ keyName: hash }) => hash);
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await collector.destroy();
});

describe("a day of keys", () => {
  it("is one group of three nodes with five keys, hashed", () => {
    expect(reply.groups).toHaveLength(1);
    expect(reply.groups[0]).toMatchObject({ title: "shop", endpoints: ["shop"], churning: false });
    expect(reply.groups[0]?.places.map(({ node }) => node)).toEqual(["n1", "n2", "n3"]);
    expect(hashes).toHaveLength(5);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(reply.groups[0]?.currentKeys).toEqual([hashes[4]]);
  });

  it("shows each rotation when it was, and who announced it", () => {
    const hours = reply.rotations.toReversed().map(({ atMs }) => (atMs - START) / HOUR);
    expect(hours).toEqual(BEGAN.slice(1));
    const told = [1, 2, 3, 4].map((key) => rotation(key)?.announced);
    expect(told).toMatchObject([{ id: "two-stage" }, null, { id: "left-behind" }, { by: "event" }]);
    for (const { basis, late, local } of reply.rotations)
      expect([basis, late, local]).toEqual(["issued", false, false]);
  });

  it("tells the two-stage one from the one that dropped old tickets", () => {
    expect(rotation(1)?.stages.verdict).toBe("two_stage");
    expect(rotation(1)?.overlap.verdict).toBe("kept");
    expect(rotation(1)?.behind).toEqual([]);
    expect(rotation(2)?.overlap).toMatchObject({ verdict: "dropped", accepted: 0 });
    expect(rotation(2)?.overlap.refused).toBeGreaterThan(300);
  });

  it("names the node that was late, as single-stage", () => {
    const { stages, nodes } = rotation(3) ?? {};
    expect(stages).toMatchObject({ verdict: "single_stage", spreadMs: 4 * HOUR + 2_000 });
    expect(stages?.sentence).toContain(STRAGGLER);
    expect(nodes?.find(({ node }) => node === STRAGGLER)?.firstMs).toBe(START + 22 * HOUR + 2_000);
  });

  it("proves the revocation where it holds, and names the node where it did not", () => {
    expect(reply.revocations).toHaveLength(1);
    const [proof] = reply.revocations;
    expect(proof).toMatchObject({ keyName: hashes[3], verdict: "accepting", actor: "ann", reason: "leaked" });
    expect(proof?.nodes.map(({ node, verdict }) => [node, verdict])).toEqual([
      ["n1", "proved"],
      ["n2", "proved"],
      ["n3", "accepting"],
    ]);
    expect(proof?.nodes[2]?.accepted).toBe(15);
    expect(proof?.nodes[0]?.accepted).toBe(0);
    const revoked = reply.keys.find(({ keyName: hash }) => hash === hashes[3]);
    expect(revoked?.state).toBe("revoked");
    expect(new Set(revoked?.places.map(({ state, basis }) => `${state} ${basis}`))).toEqual(
      new Set(["revoked told"]),
    );
  });

  it("tells states, bars, coverage and exposure", () => {
    const at = (key: number, node: string) =>
      reply.keys.find(({ keyName: hash }) => hash === hashes[key])?.places.find((one) => one.node === node);
    expect(at(4, "n1")).toMatchObject({ state: "current", basis: "issued", sinceMs: START + 24 * HOUR });
    expect(at(1, "n1")).toMatchObject({ state: "retired", basis: "refused" });
    expect(at(2, "n3")?.bars[0]).toMatchObject({ state: "current", fromMs: START + 12 * HOUR + 2_000 });
    expect(at(2, "n3")?.bars[0]?.toMs).toBe(START + 22 * HOUR + 2_000);
    expect(reply.groups[0]).toMatchObject({
      periodS: 6 * 3_600,
      intervals: 3,
      lastRotationMs: START + 24 * HOUR,
    });
    expect(reply.groups[0]?.coverage).toMatchObject({ verdict: "bad", lifetimeS: LIFETIME_S });
    expect(reply.exposure.designS).toBe(6 * 3_600 + LIFETIME_S);
    expect(reply.exposure.liveS).toBeGreaterThanOrEqual(4 * 3_600);
  });

  it("shows agreement by key, with intervals", () => {
    const [agreement] = reply.agreement;
    const cell = agreement?.byKey.find((one) => one.keyName === hashes[3] && one.node === STRAGGLER);
    expect(cell?.offered).toBeGreaterThan(cell?.accepted ?? 0);
    expect(cell?.low).toBeGreaterThan(0);
    expect(agreement?.pairs.length).toBe(9);
  });

  it("says which announced rotation never came", () => {
    expect(reply.missing).toMatchObject([{ changeId: "never-done", verdict: "missing" }]);
  });

  it("recorded the one that nobody announced once, with its scope, and nothing else", async () => {
    expect(await observed()).toMatchObject([
      {
        id: `observed-rotation-${hashes[2]}`,
        kind: "key_rotation",
        endpoint: "shop",
        node: null,
        atMs: START + 12 * HOUR,
      },
    ]);
  });

  it("found what deserves a look", async () => {
    const list = (await findings()).map(({ kind, severity, node, count }) => ({
      kind,
      severity,
      node,
      count,
    }));
    expect(list).toHaveLength(4);
    expect(list).toEqual(
      expect.arrayContaining([
        { kind: "unannounced_rotation", severity: "medium", node: null, count: 1 },
        { kind: "missing_rotation", severity: "high", node: null, count: 1 },
        { kind: "single_stage_rotation", severity: "medium", node: null, count: 15 },
        { kind: "revoked_key_accepted", severity: "critical", node: STRAGGLER, count: 15 },
      ]),
    );
  });

  it("closes what was announced late", async () => {
    await announce(collector.url, "told late", START + 12 * HOUR);
    await run(28.1);
    const [late] = (await findings()).filter(({ kind }) => kind === "unannounced_rotation");
    expect(late).toMatchObject({ state: "closed", acknowledgedBy: "reprise" });
  });
});

describe("the API", () => {
  it("narrows by endpoint and node, as CSV too, and says what it cannot read", async () => {
    const only = keysReply.parse((await get("?from=now-2d&node=n2")).body);
    expect(new Set(only.keys.flatMap(({ places }) => places.map(({ node }) => node)))).toEqual(
      new Set(["n2"]),
    );
    expect(keysReply.parse((await get("?endpoint=other")).body)).toMatchObject({
      groups: [],
      keys: [],
      rotations: [],
    });
    expect(await get("?from=tomorrow")).toMatchObject({ status: 400, body: { field: "from" } });
    const csv = await getKeys(new Request("http://console.test/api/keys?format=csv&from=now-2d"));
    expect(csv.headers.get("content-type")).toContain("text/csv");
    const lines = (await csv.text()).trim().split("\r\n");
    expect(lines).toHaveLength(16);
    expect(lines[0]).toContain("key,endpoint,node,state,basis,since,lifetime_s,issued_first");
  });

  it("shows one key's uses over time", async () => {
    const request = new Request(`http://console.test/api/keys/${hashes[1]}?from=now-2d&step=1h`);
    const uses = keyUsesReply.parse(
      await (await getKey(request, { params: Promise.resolve({ key: hashes[1] ?? "" }) })).json(),
    );
    expect(uses.series.map(({ node, use }) => `${node} ${use}`).sort()).toContain("n1 issued");
    const issued = uses.series.find(({ node, use }) => node === "n1" && use === "issued");
    expect(issued?.points.reduce((sum, { count }) => sum + count, 0)).toBe(6 * 36);
  });

  it("records what a person did with a key, from its own pages only", async () => {
    const post = (body: unknown, site = "same-origin") =>
      postKeys(
        new Request("http://console.test/api/keys", {
          ...{ method: "POST", body: JSON.stringify(body), headers: { "sec-fetch-site": site } },
        }),
      );
    const event = { keyName: hashes[0], action: "destroyed", actor: "ben", reason: "shredded" };
    expect((await post(event, "cross-site")).status).toBe(403);
    expect((await post({ ...event, keyName: keyName(0) })).status).toBe(400);
    expect((await post({ ...event, action: "eaten" })).status).toBe(400);
    expect((await post({ ...event, atMs: Date.now() + HOUR })).status).toBe(400);
    expect((await post(event)).status).toBe(201);
    const { body } = await get("?from=now-2d");
    expect(keysReply.parse(body).events[0]).toMatchObject({
      action: "destroyed",
      actor: "ben",
      via: "console",
    });
    expect(keysReply.parse(body).keys.find(({ keyName: hash }) => hash === hashes[0])?.state).toBe(
      "destroyed",
    );
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DELETE as endException } from "../../app/api/policy/exceptions/[id]/route.ts";
import { POST as makeException } from "../../app/api/policy/exceptions/route.ts";
import { PUT as putIntents } from "../../app/api/policy/intents/route.ts";
import { GET as getPolicy } from "../../app/api/policy/route.ts";
import { PUT as putThreshold } from "../../app/api/policy/thresholds/route.ts";
import { exceptionView, policyReply } from "../../lib/contract/read-policy.ts";
import { KEY_BUCKET_MS } from "../../lib/domain/keys.ts";
import type { Commit } from "../../lib/store/port.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.now();

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  await fleet.tell(HANDSHAKES, { keys: KEYS, changes: [rotation] });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

/** shop resumes by PSK and takes early data; old still speaks TLS 1.1. */
const HANDSHAKES: readonly Told[] = Array.from({ length: 60 }, (_, i) => NOW - (i + 1) * MINUTE).flatMap(
  (atMs): Told[] => [
    { atMs, outcome: "resumed", offer: "psk", mechanism: "psk", earlyData: "accepted", count: 3 },
    { atMs, outcome: "full", offer: "none", earlyData: "none", count: 5 },
    { atMs, outcome: "full", offer: "none", endpoint: "old", protocol: "TLSv1.1", count: 2 },
  ],
);
const key = (
  keyName: string,
  use: "issued" | "accepted",
  fromH: number,
  toH: number,
): Commit["keys"][number] => ({
  bucketStartMs: Math.floor((NOW - toH * HOUR) / KEY_BUCKET_MS) * KEY_BUCKET_MS,
  firstMs: NOW - fromH * HOUR,
  lastMs: NOW - toH * HOUR,
  endpoint: "shop",
  node: "n1",
  keyName,
  use,
  count: 50,
  source: "tap",
  lifetimeHintS: 3_600,
});
/** A key of two days that others preceded, and a rotation of which only the second is on record. */
const KEYS = [
  key("k1", "issued", 100, 98),
  key("k2", "issued", 98, 48),
  key("k3", "issued", 48, 0),
  key("k3", "accepted", 48, 0),
];
const rotation = {
  ...{
    id: "c-1",
    kind: "key_rotation" as const,
    atMs: NOW - 48 * HOUR,
    endMs: null,
    endpoint: "shop",
    node: null,
  },
  ...{ region: null, title: "Rotated", detail: null, ref: null, actor: "ann" },
};

const read = async (query = "") =>
  policyReply.parse(await (await getPolicy(new Request(`http://console.test/api/policy${query}`))).json());
const verdictOf = async (rule: string, endpoint: string) => {
  const [found] = (await read(`?rule=${rule}&endpoint=${endpoint}`)).rules;
  return found?.verdicts[0];
};
const write = (method: string, body: unknown, headers: Record<string, string> = {}) =>
  new Request("http://console.test/api/policy", {
    ...{ method, body: JSON.stringify(body) },
    headers: { "sec-fetch-site": "same-origin", ...headers },
  });

describe("GET /api/policy", () => {
  it("judges each rule at each endpoint from what is stored", async () => {
    const reply = await read();
    expect(reply.rules).toHaveLength(30);
    expect(reply.endpoints.map(({ endpoint, handshakes }) => [endpoint, handshakes])).toEqual([
      ["shop", 480],
      ["old", 120],
    ]);
    expect(await verdictOf("H02", "shop")).toMatchObject({ verdict: "fail", severity: "high" });
    expect(await verdictOf("H17", "shop")).toMatchObject({ verdict: "fail" });
    expect(await verdictOf("H24", "shop")).toMatchObject({ verdict: "pass" });
    expect(await verdictOf("H27", "old")).toMatchObject({
      verdict: "fail",
      evidence: [{ label: "Handshakes below TLS 1.2", value: "100.0 % (120 of 120)" }],
    });
    expect(await verdictOf("H27", "shop")).toMatchObject({ verdict: "pass" });
    expect(await verdictOf("H30", "shop")).toMatchObject({
      verdict: "fail",
      summary: "1 of 2 rotations have no record.",
    });
    const unknown = await verdictOf("H12", "shop");
    expect(unknown).toMatchObject({ verdict: "unknown" });
    expect(unknown?.needs[0]?.text).toContain("probe target");
  });

  it("scores what is known only, and counts the rest beside it", async () => {
    const { total, endpoints, failing } = await read();
    expect(total.score).toBeCloseTo(total.passed / (total.passed + total.failed));
    expect(total.unknown).toBeGreaterThan(20);
    const { passed, failed, excepted, unknown, notApplicable } = total;
    expect(passed + failed + excepted + unknown + notApplicable).toBe(30 * endpoints.length);
    expect(Object.values(failing).reduce((sum, count) => sum + count, 0)).toBe(failed);
  });

  it("lists what the filters let through, and counts everything all the same", async () => {
    const all = await read();
    const failing = await read("?verdict=fail&endpoint=old");
    expect(failing.total).toEqual(all.total);
    expect(failing.rules.map(({ id }) => id)).toEqual(["H27"]);
    expect(
      (await read("?severity=critical")).rules
        .flatMap((r) => r.verdicts)
        .every((v) => v.severity === "critical"),
    ).toBe(true);
    for (const query of ["?verdict=good", "?severity=x", "?rule=FM-01", "?format=xml"])
      expect((await getPolicy(new Request(`http://console.test/api/policy${query}`))).status).toBe(400);
  });

  it("is downloaded as CSV with the same rows", async () => {
    const response = await getPolicy(
      new Request("http://console.test/api/policy?format=csv&verdict=fail&endpoint=old"),
    );
    expect(response.headers.get("content-type")).toContain("text/csv");
    const [head, ...rows] = (await response.text()).trim().split("\r\n");
    expect(head).toBe(
      "rule,title,endpoint,verdict,severity,summary,evidence,needs,excepted_until,exception_reason",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^H27,TLS 1\.0 and 1\.1 are gone,old,fail,medium,/);
  });
});

describe("thresholds", () => {
  it("are set within the rule's ranges, change the verdict, and go back to the default", async () => {
    const set = (threshold: unknown, rule = "H02") =>
      putThreshold(write("PUT", { rule, threshold, actor: "ann" }));
    expect((await set({ periodS: 3 * 86_400 })).status).toBe(200);
    expect(await verdictOf("H02", "shop")).toMatchObject({ verdict: "pass" });
    const [rule] = (await read("?rule=H02")).rules;
    expect(rule?.changed).toMatchObject({ actor: "ann" });
    expect(rule?.limits).toContainEqual(
      expect.objectContaining({ name: "periodS", value: 259_200, fallback: 86_400 }),
    );
    for (const wrong of [{ periodS: 1 }, { periodS: "a day" }, { other: 1 }, {}, { periodS: 60.5 }])
      expect((await set(wrong)).status).toBe(400);
    expect((await set({ periodS: 60 }, "H31")).status).toBe(400);
    expect((await set({ a: 1 }, "H22")).status).toBe(400);
    expect((await set(null)).status).toBe(200);
    expect(await verdictOf("H02", "shop")).toMatchObject({ verdict: "fail" });
  });
});

describe("exceptions", () => {
  const make = (parts: object = {}, headers = {}) =>
    makeException(
      write(
        "POST",
        {
          rule: "H27",
          endpoint: "old",
          reason: "goes in May",
          expiresMs: Date.now() + HOUR,
          actor: "ann",
          ...parts,
        },
        headers,
      ),
    );

  it("take a failure out of the score until they are ended", async () => {
    const before = await read();
    const response = await make();
    expect(response.status).toBe(201);
    const { id } = exceptionView.parse(await response.json());
    const during = await read();
    expect(await verdictOf("H27", "old")).toMatchObject({ verdict: "fail", exceptionId: id });
    expect([during.total.failed, during.total.excepted]).toEqual([before.total.failed - 1, 1]);
    expect(during.total.passed).toBe(before.total.passed);
    const end = () =>
      endException(
        new Request("http://console.test/x", {
          method: "DELETE",
          headers: { "sec-fetch-site": "same-origin" },
        }),
        {
          params: Promise.resolve({ id }),
        },
      );
    expect(await (await end()).json()).toMatchObject({ state: "ended" });
    expect(await (await end()).json()).toMatchObject({ state: "ended" });
    expect((await read()).total).toEqual(before.total);
    expect((await read()).exceptions).toMatchObject([{ id, state: "ended", reason: "goes in May" }]);
  });

  it("that have expired count no more, and are shown as expired", async () => {
    const past = { id: "past", rule: "H27", endpoint: null, reason: "was agreed", actor: null };
    await fleet.writer.policy.saveException(1, {
      ...past,
      createdMs: NOW - 2 * HOUR,
      expiresMs: NOW - HOUR,
      endedMs: null,
    });
    expect(await verdictOf("H27", "old")).toMatchObject({ exceptionId: null });
    expect((await read()).exceptions.find(({ id }) => id === "past")).toMatchObject({ state: "expired" });
  });

  it("are refused without reason, rule or a sensible end, and from another site", async () => {
    for (const wrong of [
      { reason: " " },
      { rule: "H99" },
      { expiresMs: NOW - 1 },
      { expiresMs: NOW + 400 * 24 * HOUR },
      { endpoint: "" },
    ])
      expect((await make(wrong)).status).toBe(400);
    expect((await make({}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    const gone = await endException(
      new Request("http://console.test/x", {
        method: "DELETE",
        headers: { "sec-fetch-site": "same-origin" },
      }),
      { params: Promise.resolve({ id: "none" }) },
    );
    expect(gone.status).toBe(404);
  });
});

describe("declarations", () => {
  const declare = (endpoint: string | null, intent: unknown) =>
    putIntents(write("PUT", { endpoint, intent, actor: null }));

  it("of an endpoint come before those for all, and make it appear", async () => {
    expect((await declare(null, { keyStorage: "disk", rotationPeriodS: 86_400 })).status).toBe(200);
    expect((await declare("new", { keyStorage: "tmpfs" })).status).toBe(200);
    expect(await verdictOf("H11", "shop")).toMatchObject({ verdict: "fail" });
    expect(await verdictOf("H11", "new")).toMatchObject({ verdict: "pass" });
    expect((await read()).intents.map(({ endpoint, intent }) => [endpoint, intent.keyStorage])).toEqual([
      [null, "disk"],
      ["new", "tmpfs"],
    ]);
  });

  it("resumption must be off: every resumption is the violation, and rules about resuming well do not apply", async () => {
    expect(await verdictOf("H28", "shop")).toMatchObject({ verdict: "not_applicable" });
    expect((await declare("shop", { resumption: "off" })).status).toBe(200);
    expect(await verdictOf("H28", "shop")).toMatchObject({
      verdict: "fail",
      summary: "180 handshakes resumed, though none may.",
    });
    expect(await verdictOf("H02", "shop")).toMatchObject({ verdict: "not_applicable" });
    expect(await verdictOf("H27", "shop")).toMatchObject({ verdict: "pass" });
    expect((await declare("old", { resumption: "off" })).status).toBe(200);
    expect(await verdictOf("H28", "old")).toMatchObject({ verdict: "pass" });
  });

  it("are refused where they do not fit the contract", async () => {
    for (const wrong of [
      { resumption: "no" },
      { ticketLifetimeS: 0 },
      { retainedKeys: 1.5 },
      { other: true },
      { keyGroup: "" },
    ])
      expect((await declare("shop", wrong)).status).toBe(400);
  });
});

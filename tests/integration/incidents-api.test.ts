import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { GET as getMarkdown } from "../../app/api/incidents/[id]/markdown/route.ts";
import { GET as getIncident, POST as postIncident } from "../../app/api/incidents/[id]/route.ts";
import { GET as getIncidents } from "../../app/api/incidents/route.ts";
import { incidentReply, incidentRow, incidentsReply } from "../../lib/contract/read-incidents.ts";
import { escapeMarkdown } from "../../lib/read/incident-markdown.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const ONSET = NOW - HOUR;
const HOSTILE = '<img src=x onerror="alert(1)"> [click](javascript:alert(1)) | **bold**\n# heading';

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

const scope = { endpoints: ["shop"], nodes: ["n1"], regions: null, families: null, protocols: null };
const departure = {
  ...{ signal: "resume", group: "node:n1", yardstick: "peers" as const },
  ...{ observed: 0.2, expected: 0.7, trials: 600, sigmas: 12, windowMs: HOUR },
};
const incident = (parts: Partial<StoredIncident> = {}): StoredIncident => ({
  ...{ id: "i-1", class: "page", family: "resumption", state: "open", openedMs: ONSET + 2 * MINUTE },
  ...{ onsetMs: ONSET, updatedMs: ONSET + 2 * MINUTE, resolvedMs: null, reopened: 0, scope, departure },
  diagnoses: [{ mode: "rotation_gap", failureModes: ["FM-03"], probability: 0.8, evidence: [] }],
  suspects: [
    { changeId: "c-1", probability: 0.7, lagMs: MINUTE, evidence: [{ text: "it is near", weight: 1 }] },
    { changeId: null, probability: 0.3, lagMs: null, evidence: [] },
  ],
  ...{ acknowledgedBy: null, acknowledgedMs: null, assignee: null },
  ...parts,
});

/** For an hour 2 of 10 resume where 7 did; another node and a bot are left alone. */
const HANDSHAKES: readonly Told[] = Array.from(
  { length: 60 },
  (_, minute) => ONSET + minute * MINUTE,
).flatMap((atMs): Told[] => [
  { atMs, outcome: "resumed", mechanism: "psk", offer: "psk", count: 2 },
  { atMs, outcome: "full", offer: "psk", reason: "unknown_key", count: 8 },
  { atMs, outcome: "full", offer: "none", family: "bot", count: 50 },
  { atMs, outcome: "full", offer: "none", node: "n2", count: 90 },
]);

beforeEach(async () => {
  if (await fleet.reader.readIncident(1, "i-1").catch(() => null)) return;
  const change = {
    ...{ id: "c-1", kind: "key_rotation" as const, atMs: ONSET - MINUTE, endMs: null, endpoint: "shop" },
    ...{ node: null, region: null, title: HOSTILE, detail: null, ref: null, actor: "ann" },
  };
  await fleet.tell(HANDSHAKES, { changes: [change] });
  const info = { class: "info", state: "resolved", resolvedMs: NOW - MINUTE, family: "latency" } as const;
  const everywhere = { ...scope, endpoints: ["api", "shop"], nodes: null };
  const slow = { ...departure, signal: "full_time", observed: 1.4, expected: 1 };
  await fleet.writer.saveIncidents(1, {
    incidents: [incident(), incident({ id: "i-2", ...info, scope: everywhere, departure: slow })],
    updates: [
      { incidentId: "i-1", atMs: ONSET + 2 * MINUTE, kind: "opened", actor: null, text: "It began." },
    ],
  });
});

const at = (path: string) => new Request(`http://console.test${path}`);
const of = (id: string) => ({ params: Promise.resolve({ id }) });
const list = async (query = "") =>
  incidentsReply.parse(await (await getIncidents(at(`/api/incidents${query}`))).json()).incidents;
const act = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  postIncident(
    new Request(`http://console.test/api/incidents/${id}`, {
      ...{ method: "POST", body: JSON.stringify(body) },
      headers: { "sec-fetch-site": "same-origin", ...headers },
    }),
    of(id),
  );

describe("the list", () => {
  it("tells what departed, where and by how much, what was lost and what it costs now", async () => {
    const [row] = await list("?state=open");
    expect(row).toMatchObject({
      id: "i-1",
      headline: "Resume rate at shop on n1: 20.0 % of 600 handshakes, where 70.0 % was expected",
      mode: { mode: "rotation_gap", title: "Keys were rotated without keeping the previous one" },
      suspect: { changeId: "c-1", title: HOSTILE, probability: 0.7 },
      // 0.7 x 600 expected, 120 seen.
      lost: 300,
    });
    // 5 lost a minute x 253 us saved each by TLS 1.3 with ECDSA.
    expect(row?.cpuAtRiskCores).toBeCloseTo((5 / 60) * 253e-6, 9);
  });

  it("is filtered by state, class, endpoint and window; what is no number of resumptions has none", async () => {
    const ids = async (query: string) => (await list(query)).map(({ id }) => id);
    expect(await ids("")).toEqual(["i-1", "i-2"]);
    expect(await ids("?class=info")).toEqual(["i-2"]);
    expect(await ids("?state=resolved&class=page")).toEqual([]);
    expect(await ids("?endpoint=api")).toEqual(["i-2"]);
    expect(await ids("?limit=1")).toHaveLength(1);
    expect(await ids(`?from=${ONSET - 2 * HOUR}&to=${ONSET - HOUR}`)).toEqual([]);
    expect((await list("?class=info"))[0]).toMatchObject({
      ...{ lost: null, cpuAtRiskCores: null },
      headline: "Full handshakes took 1.40 times as long as expected at api and shop",
    });
    expect((await getIncidents(at("/api/incidents?state=closed"))).status).toBe(400);
    expect((await getIncidents(at("/api/incidents?from=now&to=now-1h"))).status).toBe(400);
  });
});

describe("one incident", () => {
  it("comes with kinds, suspects with their changes, advice and life", async () => {
    const reply = incidentReply.parse(await (await getIncident(at("/api/incidents/i-1"), of("i-1"))).json());
    expect(reply.suspects.map(({ change }) => change?.id ?? null)).toEqual(["c-1", null]);
    expect(reply.diagnoses[0]).toMatchObject({ mode: "rotation_gap", failureModes: ["FM-03"] });
    expect(reply.advice).toMatchObject({ runbook: "docs/runbooks/FM-03.md" });
    expect(reply.updates.map(({ kind }) => kind)).toEqual(["opened"]);
    expect((await getIncident(at("/api/incidents/nobody"), of("nobody"))).status).toBe(404);
  });

  it("is acted on from the console's own pages only, and once", async () => {
    const body = { action: "acknowledge", actor: "ann", text: null };
    expect((await act("i-1", body, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await act("nobody", body)).status).toBe(404);
    expect((await act("i-1", { ...body, action: "delete" })).status).toBe(400);
    expect((await act("i-1", { ...body, action: "comment", text: " " })).status).toBe(400);
    for (let times = 0; times < 2; times += 1) {
      const row = incidentRow.parse(await (await act("i-1", body)).json());
      expect(row).toMatchObject({ state: "acknowledged", acknowledgedBy: "ann" });
    }
    expect((await act("i-1", { action: "comment", actor: "ann", text: HOSTILE })).status).toBe(200);
    expect((await act("i-1", { action: "assign", actor: "ann", text: "bob" })).status).toBe(200);
    const reply = incidentReply.parse(await (await getIncident(at("/api/incidents/i-1"), of("i-1"))).json());
    expect(reply.updates.map(({ kind }) => kind)).toEqual(["opened", "acknowledged", "comment", "assigned"]);
    expect(reply.incident).toMatchObject({ state: "acknowledged", assignee: "bob" });
  });

  it("is a document whose names and comments are only text", async () => {
    const response = await getMarkdown(at("/api/incidents/i-1/markdown"), of("i-1"));
    expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const text = await response.text();
    expect(text).toContain("# Resume rate at shop on n1");
    expect(text).toContain("- **Handshakes lost:** 300");
    expect(text).not.toMatch(/<img|\n# heading|(?<!\\)\[click|(?<!\\)\*\*bold/);
    expect(text).toContain("&lt;img src\\=x");
    expect((await getMarkdown(at("/api/incidents/nobody/markdown"), of("nobody"))).status).toBe(404);
  });

  it("escapes every character that means something to Markdown or HTML", () => {
    expect(escapeMarkdown("a\u0000b\u2028c\r\nd \u202ee")).toBe("a b c d e");
    expect(escapeMarkdown("<b>&amp;")).toBe("&lt;b&gt;&amp;amp;");
    const marks = "\\`*_{}[]()#+-.!|~:/@^=";
    expect(escapeMarkdown(marks)).toBe([...marks].map((mark) => `\\${mark}`).join(""));
  });
});

describe("reprise replay", () => {
  const replay = (...words: string[]) =>
    spawnSync(process.execPath, ["bin/reprise.mjs", "replay", ...words], {
      env: { ...process.env, REPRISE_DATA_DIR: fleet.dataDir },
      encoding: "utf8",
    });

  it("says what it would have raised, as text and as JSON, and what makes no sense", () => {
    const text = replay("--from", "now-2h");
    expect([text.status, text.stderr]).toEqual([0, ""]);
    expect(text.stdout).toMatch(/^0 incidents, 0 of them pages, in 2 h of history \(\d+ steps/m);
    const json = JSON.parse(replay("--from", "now-2h", "--json", "--store").stdout);
    expect(json).toMatchObject({ incidents: [], stored: 0 });
    expect(replay("--from", "yesterday").status).toBe(2);
    expect(replay("--from", "now", "--to", "now-1h").status).toBe(2);
    expect(replay().status).toBe(2);
  });
});

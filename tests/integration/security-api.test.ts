/** What /api/findings and /api/security answer of a real store. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findingsCsv } from "../../app/_server/findings-csv.ts";
import { findingsReply, securityReply } from "../../lib/contract/read-security.ts";
import type { Finding } from "../../lib/domain/findings.ts";
import type { Result } from "../../lib/domain/handshake.ts";
import { readFindingList } from "../../lib/read/findings.ts";
import { ParameterProblem } from "../../lib/read/problem.ts";
import { readSecurity } from "../../lib/read/security.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import { EMPTY_COMMIT, type WriteStore } from "../../lib/store/port.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 24, 12, 30);
const LOG = { source: "native", system: null, vantage: "log" } as const;

let folder = "";
let store: WriteStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-security-"));
  store = await openWriteStore({ file: join(folder, "reprise.db"), clock: () => NOW });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const commit = (
  minute: number,
  list: readonly (Partial<Result> & { count: number; endpoint?: string; family?: string })[],
) =>
  store.commit(
    1,
    {
      ...EMPTY_COMMIT,
      cells: list.map(({ count, endpoint = "shop.example", family = "chrome", ...result }) => ({
        bucketStartMs: NOW + minute * MINUTE,
        segmentId: store.internSegment(
          1,
          { endpoint, node: "edge-1", region: null, family, protocol: "TLSv1.3" },
          LOG,
        ),
        resultId: store.internResult({
          ...{
            outcome: "full",
            offer: "none",
            mechanism: null,
            reason: null,
            earlyData: null,
            earlyDataReason: null,
          },
          ...result,
        }),
        count,
        ...{ handshakeUs: null, ttfbUs: null, ticketAgeS: null },
      })),
      tlsAlerts: [
        {
          bucketStartMs: NOW + minute * MINUTE,
          endpoint: "shop.example",
          vantage: "log",
          alert: "bad_certificate",
          count: 3,
        },
        {
          bucketStartMs: NOW + minute * MINUTE,
          endpoint: "api.example",
          vantage: "log",
          alert: "unknown_ca",
          count: 1,
        },
      ],
    },
    NOW,
  );
const read = async (params: object = {}) =>
  readSecurity(store, 1, { params: { from: "now-10m", to: "now", step: "1m", ...params }, nowMs: NOW });

describe("failures, refusals, early data and alerts over time", () => {
  beforeEach(async () => {
    await commit(-5, [
      { count: 40 },
      { count: 50, outcome: "resumed", offer: "psk", mechanism: "psk", earlyData: "accepted" },
      { count: 9, offer: "psk", reason: "unknown_key", earlyData: "rejected", earlyDataReason: "replay" },
      { count: 3, offer: "psk" },
      { count: 6, outcome: "failed", offer: "psk" },
      { count: 2, outcome: "failed" },
      { count: 5, outcome: "failed", offer: null },
      { count: 1_000, outcome: "failed", offer: "psk", family: "bot" },
    ]);
    await commit(-4, [{ count: 7, offer: null }]);
  });

  it("hold failures with and without an offer apart, customers only, and gaps as gaps", async () => {
    const reply = securityReply.parse(await read());
    const at = reply.steps.indexOf(NOW - 5 * MINUTE);
    expect(reply.steps).toHaveLength(10);
    expect(reply.failures.withOffer[at]).toEqual({ k: 6, n: 68 });
    expect(reply.failures.withoutOffer[at]).toEqual({ k: 2, n: 42 });
    expect(reply.failures.unknown[at]).toBe(5);
    expect(reply.failures.withOffer[at + 1]).toEqual({ k: 0, n: 0 });
    expect(reply.handshakes[at + 1]).toBe(7);
    expect(reply.handshakes[at + 2]).toBe(0);
    expect(reply.failed).toBe(1_013);
  });

  it("tell refused offers, rejected early data and alerts by name", async () => {
    const reply = await read();
    const at = reply.steps.indexOf(NOW - 5 * MINUTE);
    const of = (stacks: typeof reply.reasons) => stacks.map(({ name, counts }) => [name, counts[at]]);
    expect(of(reply.reasons)).toEqual([
      ["unknown_key", 9],
      [null, 3],
    ]);
    expect(reply.earlyAccepted[at]).toBe(50);
    expect(of(reply.earlyRejected)).toEqual([["replay", 9]]);
    expect(of(reply.alerts)).toEqual([
      ["bad_certificate", 3],
      ["unknown_ca", 1],
    ]);
    const narrowed = await read({ endpoint: "api.example" });
    expect(of(narrowed.alerts)).toEqual([["unknown_ca", 1]]);
    expect(narrowed.reasons).toEqual([]);
  });

  it("are empty, not wrong, where nothing came", async () => {
    const reply = await read({ from: "now-2d", to: "now-1d", step: "1h" });
    expect([reply.reasons, reply.alerts, reply.failed]).toEqual([[], [], 0]);
    expect(new Set(reply.handshakes)).toEqual(new Set([0]));
  });
});

describe("findings", () => {
  const finding: Finding = {
    id: "ticket_spread-1",
    kind: "ticket_spread",
    severity: "high",
    endpoint: "shop.example",
    node: null,
    firstMs: NOW - 3 * MINUTE,
    lastMs: NOW,
    count: 20,
    title: "=One ticket, from 20 networks",
    evidence: [
      { label: "Ticket", value: "9f3a11c0" },
      { label: "Networks", value: "20" },
    ],
  };
  it("are answered by kind, state and window, and refused where the question makes no sense", async () => {
    await store.findings.saveFindings(1, [finding, { ...finding, id: "b", kind: "alert_spike" }], NOW);
    await store.findings.actOnFinding(1, { id: "b", action: "close", actor: "ada", nowMs: NOW });
    const ids = async (params: object) =>
      findingsReply
        .parse(await readFindingList(store, 1, { params, nowMs: NOW }))
        .findings.map(({ id }) => id);
    expect(await ids({})).toEqual(["b", "ticket_spread-1"]);
    expect(await ids({ state: "unsettled" })).toEqual(["ticket_spread-1"]);
    expect(await ids({ state: "closed", kind: "alert_spike,ticket_spread" })).toEqual(["b"]);
    expect(await ids({ kind: "ticket_spread" })).toEqual(["ticket_spread-1"]);
    expect(await ids({ to: "now-1h" })).toEqual([]);
    await expect(ids({ kind: "nonsense" })).rejects.toThrow(ParameterProblem);
    await expect(ids({ from: "now", to: "now-1h" })).rejects.toThrow(ParameterProblem);
  });

  it("are CSV that no spreadsheet takes for formulas", async () => {
    await store.findings.saveFindings(1, [finding], NOW);
    const csv = findingsCsv(await readFindingList(store, 1, { params: {}, nowMs: NOW }));
    expect(csv.split("\r\n")[1]).toContain(
      `20,"'=One ticket, from 20 networks",Ticket: 9f3a11c0; Networks: 20,`,
    );
  });
});

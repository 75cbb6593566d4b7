/** What every engine has to do with findings (lib/store/port-findings.ts). */
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../lib/domain/findings.ts";
import type { WriteStore } from "../../../lib/store/port.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 34, 56, 789);
const MINUTE = 60_000;
const ALL = { fromMs: 0, toMs: NOW + 60 * MINUTE, limit: 100 };
const finding = (part: Partial<Finding> = {}): Finding => ({
  id: "spread-1",
  kind: "ticket_spread",
  severity: "high",
  endpoint: "shop.example",
  node: null,
  firstMs: NOW - 5 * MINUTE,
  lastMs: NOW,
  count: 3,
  title: "One ticket from 20 networks",
  evidence: [{ label: "Networks", value: "20" }],
  ...part,
});

/** Scenarios of findings; `open` opens the store again, as after a restart. */
export function findingsConformance(
  opened: () => { store: WriteStore; reopen(): Promise<WriteStore> },
): void {
  const acted = (
    id: string,
    action: "acknowledge" | "close" | "reopen",
    nowMs: number,
    actor: string | null = "ada",
  ) => opened().store.findings.actOnFinding(1, { id, action, actor, nowMs });
  const save = (list: readonly Finding[], nowMs = NOW): Promise<void> =>
    opened().store.findings.saveFindings(1, list, nowMs);
  const only = async () => (await opened().store.findings.readFindings(1, ALL))[0];

  describe("findings", () => {
    it("are kept as they are told, open, also over a restart", async () => {
      await save([finding()]);
      const { findings } = await opened().reopen();
      expect(await findings.readFindings(1, ALL)).toEqual([
        { ...finding(), state: "open", updatedMs: NOW, acknowledgedBy: null, acknowledgedMs: null },
      ]);
    });

    it("grow when they are seen again, and never shrink", async () => {
      await save([finding()]);
      await save([
        finding({
          firstMs: NOW - 60_000,
          lastMs: NOW + MINUTE,
          count: 1,
          severity: "critical",
          evidence: [],
          title: "Again",
        }),
      ]);
      const grown = {
        firstMs: NOW - 5 * MINUTE,
        lastMs: NOW + MINUTE,
        count: 3,
        severity: "critical",
        title: "Again",
        evidence: [],
      };
      expect(await only()).toMatchObject(grown);
      // What is older adds its time and count, but tells nothing newer.
      await save([finding({ firstMs: NOW - 9 * MINUTE, lastMs: NOW, count: 7 })]);
      expect(await only()).toMatchObject({ ...grown, firstMs: NOW - 9 * MINUTE, count: 7 });
    });

    it("keep what people did: acknowledged stays, closed stays until it is seen after that", async () => {
      await save([finding()]);
      expect(await acted("spread-1", "acknowledge", NOW + 1)).toMatchObject({
        state: "acknowledged",
        acknowledgedBy: "ada",
        acknowledgedMs: NOW + 1,
      });
      await save([finding({ lastMs: NOW + MINUTE })], NOW + MINUTE);
      expect(await only()).toMatchObject({ state: "acknowledged", acknowledgedBy: "ada" });
      await acted("spread-1", "close", NOW + 5 * MINUTE, "bob");
      // Told late, but seen before it was closed.
      await save([finding({ lastMs: NOW + 4 * MINUTE })], NOW + 9 * MINUTE);
      expect(await only()).toMatchObject({
        state: "closed",
        updatedMs: NOW + 5 * MINUTE,
        acknowledgedBy: "ada",
      });
      await save([finding({ lastMs: NOW + 6 * MINUTE })], NOW + 6 * MINUTE);
      expect(await only()).toMatchObject({ state: "open", acknowledgedBy: null, acknowledgedMs: null });
    });

    it("are acted on once: what is so already changes nothing, and unknown ones are null", async () => {
      await save([finding()]);
      expect(await acted("nothing", "close", NOW)).toBeNull();
      await acted("spread-1", "close", NOW + 1);
      expect(await acted("spread-1", "close", NOW + 9, "bob")).toMatchObject({
        state: "closed",
        updatedMs: NOW + 1,
        acknowledgedBy: "ada",
      });
      expect(await acted("spread-1", "acknowledge", NOW + 9)).toMatchObject({ state: "closed" });
      expect(await acted("spread-1", "reopen", NOW + 10)).toMatchObject({
        state: "open",
        acknowledgedBy: null,
      });
      expect(await acted("spread-1", "reopen", NOW + 11)).toMatchObject({ updatedMs: NOW + 10 });
    });

    it("are read by window, kind, state and endpoint, the last seen first, of one tenant", async () => {
      await save([
        finding(),
        finding({ id: "b", kind: "alert_spike", endpoint: null, lastMs: NOW + 2 * MINUTE }),
        finding({ id: "c", endpoint: "api.example", lastMs: NOW - MINUTE }),
      ]);
      await acted("c", "close", NOW);
      const { findings } = opened().store;
      const ids = async (part: Partial<Parameters<typeof findings.readFindings>[1]>, tenant = 1) =>
        (await findings.readFindings(tenant, { ...ALL, ...part })).map(({ id }) => id);
      expect(await ids({})).toEqual(["b", "spread-1", "c"]);
      expect(await ids({ limit: 1 })).toEqual(["b"]);
      expect(await ids({ kinds: ["ticket_spread"] })).toEqual(["spread-1", "c"]);
      expect(await ids({ kinds: [] })).toEqual([]);
      expect(await ids({ states: ["closed"] })).toEqual(["c"]);
      expect(await ids({ endpoint: "shop.example" })).toEqual(["spread-1"]);
      expect(await ids({ fromMs: NOW, toMs: NOW + 2 * MINUTE })).toEqual(["spread-1"]);
      expect(await ids({}, 2)).toEqual([]);
    });

    it("are forgotten with hours of handshakes", async () => {
      await save([finding(), finding({ id: "new", lastMs: NOW + 400 * 86_400_000 })]);
      const day = 86_400_000;
      const keep = { tenSecondsMs: day, minutesMs: day, hoursMs: 399 * day, samplesMs: day, batchesMs: day };
      const { store } = opened();
      const { deleted } = await store.retain(NOW + 400 * day, keep);
      expect(deleted.finding).toBe(1);
      const left = await store.findings.readFindings(1, { ...ALL, toMs: NOW + 500 * day });
      expect(left.map(({ id }) => id)).toEqual(["new"]);
    });
  });
}

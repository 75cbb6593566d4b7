/** What every engine has to do with the audit log (lib/store/port-audit.ts). */
import { describe, expect, it } from "vitest";
import { hashOfEntry, verifyChain } from "../../../lib/store/audit-chain.ts";
import type { WriteStore } from "../../../lib/store/port.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 35);
const ANN = { actor: "ann@example.org", address: "192.0.2.7" };
const NOBODY = { actor: null, address: null };
const EVER = { fromMs: 0, toMs: NOW + 1, limit: 100 };
const threshold = (periodS: number | null) => ({
  rule: "H02",
  threshold: periodS === null ? null : { periodS },
  actor: "whoever",
  updatedMs: NOW,
});

/** Scenarios of the log; `reopen` opens the store again, as after a restart. */
export function auditConformance(opened: () => { store: WriteStore; reopen(): Promise<WriteStore> }): void {
  describe("what one person does", () => {
    it("is kept with its entry: who, from where, what it was and what it is then", async () => {
      const { store } = opened();
      await store.as(ANN).policy.saveThreshold(1, threshold(3_600));
      await store.as(NOBODY).policy.saveThreshold(1, threshold(7_200));
      await store.as(ANN).policy.saveThreshold(1, threshold(null));
      const [gone, changed, made] = await store.audit.readAudit(1, EVER);
      expect(made).toMatchObject({ id: 1, atMs: NOW, ...ANN, action: "policy.threshold", before: null });
      expect(made).toMatchObject({ targetKind: "policy rule", targetId: "H02" });
      expect(JSON.parse(made?.after ?? "")).toEqual({ threshold: { periodS: 3_600 }, actor: "whoever" });
      expect(changed).toMatchObject({ id: 2, ...NOBODY, before: made?.after });
      expect(gone).toMatchObject({ id: 3, before: changed?.after, after: null });
      expect(await store.policy.readThresholds(1)).toEqual([]);
    });

    it("is neither kept nor in the log when either fails", async () => {
      const { store } = opened();
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      await expect(
        store.as(ANN).policy.saveThreshold(1, { ...threshold(1), threshold: circle }),
      ).rejects.toThrow();
      await expect(
        store
          .as({ actor: ["not", "text"] as unknown as string, address: null })
          .policy.saveThreshold(1, threshold(1)),
      ).rejects.toThrow();
      expect(await store.policy.readThresholds(1)).toEqual([]);
      expect(await store.audit.readAudit(1, EVER)).toEqual([]);
    });

    it("leaves no entry where the target is unknown", async () => {
      const { store } = opened();
      const act = { id: "none", action: "acknowledge", actor: null, nowMs: NOW } as const;
      expect(await store.as(ANN).findings.actOnFinding(1, act)).toBe(null);
      expect(await store.as(ANN).actOnIncident(1, { ...act, text: null })).toBe(null);
      expect(await store.as(ANN).alerting.resendMessage(1, { id: "none", nowMs: NOW })).toBe(false);
      expect(await store.audit.readAudit(1, EVER)).toEqual([]);
    });

    it("shows no sealed settings, only that they are others", async () => {
      const { store } = opened();
      const receiver = {
        name: "ops",
        kind: "webhook",
        origin: "console",
        actor: null,
        updatedMs: NOW,
      } as const;
      for (const settings of [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)])
        await store.as(ANN).alerting.saveReceiver(1, { ...receiver, settings });
      const [entry] = await store.audit.readAudit(1, EVER);
      const [before, after] = [JSON.parse(entry?.before ?? ""), JSON.parse(entry?.after ?? "")];
      expect(before.settings).toMatch(/^sealed [0-9a-f]{12}$/);
      expect(after.settings).toMatch(/^sealed [0-9a-f]{12}$/);
      expect(after.settings).not.toBe(before.settings);
    });
  });

  describe("the chain", () => {
    it("is one for each tenant, goes on after a restart, and holds", async () => {
      const { store, reopen } = opened();
      for (let n = 1; n <= 5; n += 1) await store.as(ANN).policy.saveThreshold(1, threshold(n));
      await store.as(ANN).policy.saveThreshold(2, threshold(9));
      const again = await reopen();
      await again.as(NOBODY).policy.saveThreshold(1, threshold(6));
      const chain = await again.audit.walkAudit(1, { afterId: 0, limit: 100 });
      expect(chain.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(chain.map(({ prevHash }) => prevHash)).toEqual([
        "",
        ...chain.slice(0, 5).map(({ hash }) => hash),
      ]);
      for (const entry of chain) expect(entry.hash).toBe(hashOfEntry(1, entry));
      const third = chain[2]?.hash ?? "";
      expect(await verifyChain(again.audit, 1, third)).toEqual({
        ...{ entries: 6, head: chain[5]?.hash, broken: null, headFound: true },
      });
      expect(await verifyChain(again.audit, 1, "0".repeat(64))).toMatchObject({ headFound: false });
      expect(await verifyChain(again.audit, 2)).toMatchObject({ entries: 1, broken: null });
    });

    it("takes acts that are made at the same time one after another", async () => {
      const { store } = opened();
      const acts = Array.from({ length: 20 }, (_, n) => store.as(ANN).policy.saveThreshold(1, threshold(n)));
      await Promise.all(acts);
      expect(await verifyChain(store.audit, 1)).toMatchObject({ entries: 20, broken: null });
    });

    it("is read by actor, action, target, window and page", async () => {
      const { store } = opened();
      await store.as(ANN).policy.saveThreshold(1, threshold(1));
      await store.as(NOBODY).policy.saveThreshold(1, { ...threshold(1), rule: "H03" });
      await store.as(NOBODY).alerting.deleteAlertRule(1, `"; DROP TABLE "AuditEntry"; --`);
      const ids = async (query: object) =>
        (await store.audit.readAudit(1, { ...EVER, ...query })).map(({ id }) => id);
      expect(await ids({})).toEqual([3, 2, 1]);
      expect(await ids({ actor: ANN.actor })).toEqual([1]);
      expect(await ids({ actor: "" })).toEqual([3, 2]);
      expect(await ids({ action: "policy" })).toEqual([2, 1]);
      expect(await ids({ action: "polic" })).toEqual([]);
      expect(await ids({ action: "alert_rule.delete" })).toEqual([3]);
      expect(await ids({ targetKind: "policy rule", targetId: "H03" })).toEqual([2]);
      expect(await ids({ targetId: `"; DROP TABLE "AuditEntry"; --` })).toEqual([3]);
      expect(await ids({ toMs: NOW })).toEqual([]);
      expect(await ids({ limit: 1, beforeId: 3 })).toEqual([2]);
    });
  });
}

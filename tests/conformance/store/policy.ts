/** What every engine has to do with thresholds, exceptions and declarations (lib/store/port-policy.ts). */
import { describe, expect, it } from "vitest";
import type { WriteStore } from "../../../lib/store/port.ts";
import type { StoredException } from "../../../lib/store/port-policy.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 34, 56, 789);
const exception = (part: Partial<StoredException> = {}): StoredException => ({
  id: "e1",
  rule: "H02",
  endpoint: "shop.example",
  reason: "the rotator is replaced next week",
  actor: "ann",
  createdMs: NOW,
  expiresMs: NOW + 86_400_000,
  endedMs: null,
  ...part,
});

/** Scenarios of policy; `reopen` opens the store again, as after a restart. */
export function policyConformance(opened: () => { store: WriteStore; reopen(): Promise<WriteStore> }): void {
  describe("thresholds", () => {
    it("are kept by rule, replaced, and given up for the default", async () => {
      const { store, reopen } = opened();
      const saved = { rule: "H02", threshold: { periodS: 3_600 }, actor: "ann", updatedMs: NOW };
      await store.policy.saveThreshold(1, saved);
      await store.policy.saveThreshold(1, { ...saved, rule: "H01", actor: null });
      await store.policy.saveThreshold(1, { ...saved, threshold: { periodS: 7_200 }, updatedMs: NOW + 1 });
      await store.policy.saveThreshold(1, { ...saved, rule: "H01", threshold: null });
      const again = await reopen();
      expect(await again.policy.readThresholds(1)).toEqual([
        { ...saved, threshold: { periodS: 7_200 }, updatedMs: NOW + 1 },
      ]);
      expect(await again.policy.readThresholds(2)).toEqual([]);
    });
  });

  describe("exceptions", () => {
    it("stay when they have ended or expired, the newest first", async () => {
      const { store, reopen } = opened();
      await store.policy.saveException(1, exception());
      await store.policy.saveException(
        1,
        exception({ id: "e2", endpoint: null, createdMs: NOW + 1, expiresMs: NOW + 2 }),
      );
      await store.policy.saveException(1, exception({ endedMs: NOW + 5 }));
      await store.policy.saveException(2, exception({ reason: "another tenant's" }));
      const again = await reopen();
      expect(await again.policy.readExceptions(1)).toEqual([
        exception({ id: "e2", endpoint: null, createdMs: NOW + 1, expiresMs: NOW + 2 }),
        exception({ endedMs: NOW + 5 }),
      ]);
      expect((await again.policy.readExceptions(2)).map(({ reason }) => reason)).toEqual([
        "another tenant's",
      ]);
    });

    it("keep any text as it is", async () => {
      const { store } = opened();
      const reason = `'"; DROP TABLE "PolicyException"; -- \u{1f511} \\ \n {"a":1}`;
      await store.policy.saveException(1, exception({ reason, endpoint: `a'b"c` }));
      expect(await store.policy.readExceptions(1)).toEqual([exception({ reason, endpoint: `a'b"c` })]);
    });
  });

  describe("declarations", () => {
    it("are kept by endpoint, null standing for all, and replaced as a whole", async () => {
      const { store, reopen } = opened();
      const saved = { endpoint: null, intent: { resumption: "off" }, actor: "ann", updatedMs: NOW };
      await store.policy.saveIntent(1, saved);
      await store.policy.saveIntent(1, { ...saved, endpoint: "shop.example" });
      await store.policy.saveIntent(1, {
        ...saved,
        intent: { keyGroup: "eu" },
        actor: null,
        updatedMs: NOW + 1,
      });
      const again = await reopen();
      expect(await again.policy.readIntents(1)).toEqual([
        { ...saved, intent: { keyGroup: "eu" }, actor: null, updatedMs: NOW + 1 },
        { ...saved, endpoint: "shop.example" },
      ]);
      expect(await again.policy.readIntents(2)).toEqual([]);
    });
  });
}

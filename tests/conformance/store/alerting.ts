/** What every engine has to do for alerting (lib/store/port-alerting.ts). */
import { describe, expect, it } from "vitest";
import { firstState } from "../../../lib/alerting/state.ts";
import { NEW_THREAD } from "../../../lib/alerting/thread.ts";
import { alertRoute } from "../../../lib/domain/alert-routing.ts";
import { alertRule } from "../../../lib/domain/alert-rule.ts";
import type { WriteStore } from "../../../lib/store/port.ts";
import type { AlertSave, StoredMessage, StoredSilence } from "../../../lib/store/port-alerting.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 34, 56, 789);
const MINUTE = 60_000;
const ALL = { fromMs: 0, toMs: NOW + 60 * MINUTE, limit: 100 };
const RULE = alertRule.parse({
  id: "accept-low",
  title: "Accept rate is low",
  severity: "page",
  condition: { kind: "threshold", metric: "accept_rate", direction: "below", value: 0.8 },
});
const message = (part: Partial<StoredMessage> = {}): StoredMessage => ({
  ...{ id: "m-1", receiver: "pager", thread: "incident:7", reason: "first", message: { title: "Low" } },
  ...{ createdMs: NOW, dueMs: NOW, attempts: 0, state: "waiting", lastError: null, sentMs: null },
  ...part,
});
const save = (part: Partial<AlertSave>): AlertSave => ({
  ...{ alerts: [], gone: [], events: [], begun: [], threads: [], messages: [] },
  ...part,
});
const alert = (alertId: string, nowMs = NOW) => ({
  ...{ ruleId: RULE.id, alertId, labels: { endpoint: "shop.example" } },
  state: { ...firstState(nowMs), value: 0.5, firings: [1, 2] },
});

/** Scenarios of alerting; `reopen` opens the store again, as after a restart. */
export function alertingConformance(
  opened: () => { store: WriteStore; reopen(): Promise<WriteStore> },
): void {
  const of = () => opened().store.alerting;

  describe("settings", () => {
    it("keep rules, the newest writing winning, and forget deleted ones", async () => {
      const stored = { origin: "console" as const, rule: RULE, actor: "ann", createdMs: NOW, updatedMs: NOW };
      await of().saveAlertRule(1, stored);
      await of().saveAlertRule(1, { ...stored, rule: { ...RULE, enabled: false }, updatedMs: NOW + 1 });
      expect(await of().readAlertRules(1)).toEqual([
        { ...stored, rule: { ...RULE, enabled: false }, updatedMs: NOW + 1 },
      ]);
      expect(await of().readAlertRules(2)).toEqual([]);
      await of().deleteAlertRule(2, RULE.id);
      expect(await of().readAlertRules(1)).toHaveLength(1);
      await of().deleteAlertRule(1, RULE.id);
      expect(await of().readAlertRules(1)).toEqual([]);
    });

    it("keep sealed settings of receivers byte by byte", async () => {
      const receiver = {
        ...{ name: "pager", kind: "webhook", origin: "file" as const, actor: null },
        updatedMs: NOW,
      };
      const settings = Uint8Array.from([0, 1, 127, 128, 255, 10]);
      await of().saveReceiver(1, { ...receiver, settings });
      expect(await (await opened().reopen()).alerting.readReceivers(1)).toEqual([{ ...receiver, settings }]);
      await of().deleteReceiver(1, "pager");
      expect(await of().readReceivers(1)).toEqual([]);
    });

    it("keep the routing tree and silences", async () => {
      const tree = alertRoute.parse({ receiver: "pager", routes: [{ receiver: "mail" }] });
      expect(await of().readRouting(1)).toBeNull();
      await of().saveRouting(1, { origin: "console", tree, actor: null, updatedMs: NOW });
      expect((await of().readRouting(1))?.tree).toEqual(tree);
      const silence: StoredSilence = {
        ...{
          id: "s-1",
          matchers: [{ label: "node", operator: "is", value: "a" }],
          startsMs: NOW,
          endsMs: NOW + MINUTE,
        },
        ...{ author: "ann", reason: "move", createdMs: NOW, endedMs: null },
      };
      await of().saveSilence(1, silence);
      await of().saveSilence(1, { ...silence, endedMs: NOW + 5 });
      expect(await of().readSilences(1)).toEqual([{ ...silence, endedMs: NOW + 5 }]);
    });
  });

  describe("flow", () => {
    it("keeps states and events, and forgets what is gone", async () => {
      const event = {
        ruleId: RULE.id,
        alertId: "a",
        atMs: NOW,
        transition: "fired" as const,
        value: 0.5,
        text: "low",
      };
      await of().saveAlerts(1, save({ alerts: [alert("a"), alert("b")], events: [event] }), NOW);
      expect(await (await opened().reopen()).alerting.readAlerts(1)).toEqual([alert("a"), alert("b")]);
      expect(await of().readAlertEvents(1, ALL)).toEqual([event]);
      expect(await of().readAlertEvents(1, { ...ALL, ruleId: "other" })).toEqual([]);
      await of().saveAlerts(
        1,
        save({ alerts: [alert("a", NOW + 1)], gone: [{ ruleId: RULE.id, alertId: "b" }] }),
        NOW,
      );
      expect(await of().readAlerts(1)).toEqual([alert("a", NOW + 1)]);
      expect(await of().readAlerts(2)).toEqual([]);
    });

    it("keeps what people acknowledged while a thread goes on, and forgets it when it begins anew", async () => {
      const thread = { receiver: "pager", thread: "incident:7", state: { ...NEW_THREAD, sequence: 1 } };
      await of().saveAlerts(1, save({ threads: [thread] }), NOW);
      await of().acknowledgeThread(1, { thread: "incident:7", actor: "ann", nowMs: NOW + 1 });
      await of().saveAlerts(
        1,
        save({ threads: [{ ...thread, state: { ...NEW_THREAD, sequence: 2 } }] }),
        NOW + 2,
      );
      expect(await of().readAlertThreads(1)).toMatchObject([
        { acknowledgedBy: "ann", acknowledgedMs: NOW + 1, state: { sequence: 2 }, refs: null },
      ]);
      await of().saveAlerts(1, save({ begun: [thread], threads: [thread] }), NOW + 3);
      expect(await of().readAlertThreads(1)).toMatchObject([{ acknowledgedBy: null, acknowledgedMs: null }]);
    });

    it("writes a message once, whoever decides it again after a restart", async () => {
      await of().saveAlerts(1, save({ messages: [message()] }), NOW);
      await of().saveAlerts(1, save({ messages: [message({ message: { title: "Other" } })] }), NOW);
      expect(await of().readMessages(1, ALL)).toEqual([message()]);
    });

    it("hands out what is due, of every tenant, the oldest first, and notes each try", async () => {
      await of().putMessage(1, message({ id: "late", thread: "other", dueMs: NOW + MINUTE }));
      await of().putMessage(1, message({ id: "m-2", reason: "resolved", createdMs: NOW + 1 }));
      await of().putMessage(2, message({ id: "two", dueMs: NOW - 1 }));
      await of().saveAlerts(
        1,
        save({
          threads: [{ receiver: "pager", thread: "incident:7", state: NEW_THREAD }],
          messages: [message()],
        }),
        NOW,
      );
      const due = await of().dueMessages(NOW, 10);
      expect(due.map(({ tenant, id }) => [tenant, id])).toEqual([
        [2, "two"],
        [1, "m-1"],
      ]);
      expect(await of().countMessages()).toEqual({ waiting: 4, dead: 0 });
      const failed = {
        outboxId: "m-1",
        receiver: "pager",
        atMs: NOW,
        ok: false,
        status: 503,
        durationMs: 12,
        error: "busy",
      };
      await of().recordDelivery(1, {
        message: message({ attempts: 1, dueMs: NOW + 30, lastError: "busy" }),
        delivery: failed,
        refs: null,
      });
      expect((await of().dueMessages(NOW, 10)).map(({ id }) => id)).toEqual(["two"]);
      const sent = message({ attempts: 2, state: "sent", sentMs: NOW + 31 });
      const done = { ...failed, atMs: NOW + 31, ok: true, status: null, error: null };
      await of().recordDelivery(1, { message: sent, delivery: done, refs: { ts: "1.2" } });
      expect(await of().readMessages(1, { ...ALL, states: ["sent"] })).toEqual([sent]);
      expect(await of().readDeliveries(1, { ...ALL, outboxId: "m-1" })).toEqual([done, failed]);
      expect((await of().dueMessages(NOW, 10)).map(({ id }) => id)).toEqual(["two", "m-2"]);
      expect((await of().readAlertThreads(1))[0]?.refs).toEqual({ ts: "1.2" });
      expect(await of().resendMessage(1, { id: "m-1", nowMs: NOW })).toBe(false);
    });

    it("forgets what was sent or given up once it is old, and nothing that waits or fires", async () => {
      const day = 86_400_000;
      const retention = {
        tenSecondsMs: day,
        minutesMs: day,
        hoursMs: 2 * day,
        samplesMs: day,
        batchesMs: day,
      };
      const delivery = {
        ...{
          outboxId: "sent",
          receiver: "pager",
          atMs: NOW,
          ok: true,
          status: 200,
          durationMs: 1,
          error: null,
        },
      };
      await of().putMessage(1, message({ id: "sent", state: "sent", sentMs: NOW }));
      await of().putMessage(1, message({ id: "dead", state: "dead", thread: "other" }));
      await of().putMessage(1, message({ id: "waits", thread: "third" }));
      await of().recordDelivery(1, {
        message: message({ id: "sent", state: "sent", sentMs: NOW }),
        delivery,
        refs: null,
      });
      const threads = [
        { receiver: "pager", thread: "quiet", state: NEW_THREAD },
        { receiver: "pager", thread: "fires", state: { ...NEW_THREAD, firing: { a: NOW } } },
      ];
      await of().saveAlerts(1, save({ threads }), NOW);
      await opened().store.retain(NOW + day / 2, retention);
      expect(await of().readMessages(1, ALL)).toHaveLength(3);
      await opened().store.retain(NOW + 3 * day, retention);
      expect((await of().readMessages(1, ALL)).map(({ id }) => id)).toEqual(["waits"]);
      expect(await of().readDeliveries(1, ALL)).toEqual([]);
      expect((await of().readAlertThreads(1)).map(({ thread }) => thread)).toEqual(["fires"]);
    });

    it("sends a dead message again when it is asked to", async () => {
      await of().putMessage(1, message({ state: "dead", attempts: 9, lastError: "gone" }));
      expect(await of().resendMessage(2, { id: "m-1", nowMs: NOW + 5 })).toBe(false);
      expect(await of().resendMessage(1, { id: "m-1", nowMs: NOW + 5 })).toBe(true);
      expect(await of().dueMessages(NOW + 5, 10)).toMatchObject([
        { id: "m-1", attempts: 0, state: "waiting" },
      ]);
    });
  });
}

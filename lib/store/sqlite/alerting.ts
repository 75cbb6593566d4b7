import type { TenantId } from "../port.ts";
import type { AlertActor, AlertReader, AlertSave, AlertWriter } from "../port-alerting.ts";
import * as flow from "./alert-flow.ts";
import * as settings from "./alert-settings.ts";
import type { Runner } from "./runner.ts";

type Of<Name extends keyof (AlertReader & AlertActor & AlertWriter)> = Parameters<
  (AlertReader & AlertActor & AlertWriter)[Name]
>[1];

/** Alerting in SQLite (lib/store/port-alerting.ts). */
export class SqliteAlerting implements AlertReader, AlertActor, AlertWriter {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readAlertRules(tenant: TenantId) {
    return this.#runner.read("read alert rules", (sql) => settings.readAlertRules(sql, tenant));
  }

  readAlerts(tenant: TenantId) {
    return this.#runner.read("read alerts", (sql) => flow.readAlerts(sql, tenant));
  }

  readAlertEvents(tenant: TenantId, query: Of<"readAlertEvents">) {
    return this.#runner.read("read alert events", (sql) => flow.readAlertEvents(sql, tenant, query));
  }

  readAlertThreads(tenant: TenantId) {
    return this.#runner.read("read threads", (sql) => flow.readAlertThreads(sql, tenant));
  }

  readSilences(tenant: TenantId) {
    return this.#runner.read("read silences", (sql) => settings.readSilences(sql, tenant));
  }

  readReceivers(tenant: TenantId) {
    return this.#runner.read("read receivers", (sql) => settings.readReceivers(sql, tenant));
  }

  readRouting(tenant: TenantId) {
    return this.#runner.read("read the routing", (sql) => settings.readRouting(sql, tenant));
  }

  readMessages(tenant: TenantId, query: Of<"readMessages">) {
    return this.#runner.read("read messages", (sql) => flow.readMessages(sql, tenant, query));
  }

  readDeliveries(tenant: TenantId, query: Of<"readDeliveries">) {
    return this.#runner.read("read deliveries", (sql) => flow.readDeliveries(sql, tenant, query));
  }

  saveAlertRule(tenant: TenantId, rule: Of<"saveAlertRule">) {
    return this.#runner.write("save an alert rule", (sql) => settings.saveAlertRule(sql, tenant, rule));
  }

  deleteAlertRule(tenant: TenantId, id: string) {
    return this.#runner.write("delete an alert rule", (sql) => settings.deleteAlertRule(sql, tenant, id));
  }

  saveSilence(tenant: TenantId, silence: Of<"saveSilence">) {
    return this.#runner.write("save a silence", (sql) => settings.saveSilence(sql, tenant, silence));
  }

  saveReceiver(tenant: TenantId, receiver: Of<"saveReceiver">) {
    return this.#runner.write("save a receiver", (sql) => settings.saveReceiver(sql, tenant, receiver));
  }

  deleteReceiver(tenant: TenantId, name: string) {
    return this.#runner.write("delete a receiver", (sql) => settings.deleteReceiver(sql, tenant, name));
  }

  saveRouting(tenant: TenantId, routing: Of<"saveRouting">) {
    return this.#runner.write("save the routing", (sql) => settings.saveRouting(sql, tenant, routing));
  }

  acknowledgeThread(tenant: TenantId, act: Of<"acknowledgeThread">) {
    return this.#runner.write("acknowledge a thread", (sql) => settings.acknowledgeThread(sql, tenant, act));
  }

  putMessage(tenant: TenantId, message: Of<"putMessage">) {
    return this.#runner.write("write a message", (sql) => flow.putMessage(sql, tenant, message));
  }

  resendMessage(tenant: TenantId, act: Of<"resendMessage">) {
    return this.#runner.write("send a message again", (sql) => flow.resendMessage(sql, tenant, act));
  }

  saveAlerts(tenant: TenantId, save: AlertSave, nowMs: number) {
    return this.#runner.write("save alerts", (sql) => flow.saveAlerts(sql, tenant, save, nowMs));
  }

  countMessages() {
    return this.#runner.read("count messages", (sql) => flow.countMessages(sql));
  }

  dueMessages(nowMs: number, limit: number) {
    return this.#runner.read("read due messages", (sql) => flow.dueMessages(sql, nowMs, limit));
  }

  recordDelivery(tenant: TenantId, outcome: Of<"recordDelivery">) {
    return this.#runner.write("record a delivery", (sql) => flow.recordDelivery(sql, tenant, outcome));
  }
}

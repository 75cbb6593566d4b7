import type { Clock } from "../../lib/runtime/clock.ts";
import { consoleUrlOf } from "../../lib/runtime/console-url.ts";
import { loadCosts } from "../../lib/runtime/costs.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import { Seal } from "../../lib/runtime/secret.ts";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";
import { DEFAULT_TENANT, type TenantId, type WriteStore } from "../../lib/store/port.ts";
import type { Job } from "../jobs/scheduler.ts";
import { GuardedHttp } from "../notify/outbound-http.ts";
import { NOTIFIERS } from "../notify/registry.ts";
import { Evaluator } from "./evaluator.ts";
import { RulesFile } from "./rules-file.ts";
import { Sender } from "./sender.ts";

const EVALUATE_EVERY_MS = 5_000;
const SEND_EVERY_MS = 1_000;
const REFRESH_EVERY_MS = 10_000;

export type AlertingOptions = {
  readonly store: WriteStore;
  readonly secret: Buffer;
  readonly settings: Pick<
    Settings,
    "alertAllow" | "alertRules" | "configFile" | "consoleUrl" | "consoleHost" | "consolePort" | "tlsCert"
  >;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** The evaluation of a tenant's rules. Throws SettingsError where a setting cannot be used. */
export function evaluation(tenant: TenantId, options: AlertingOptions): Job {
  const { store, settings, metrics, log } = options;
  const costs = loadCosts(settings.configFile);
  const evaluator = new Evaluator({ store, tenant, metrics, log, costs, consoleUrl: consoleUrlOf(settings) });
  return { name: "alerts", everyMs: EVALUATE_EVERY_MS, run: (nowMs) => evaluator.run(nowMs) };
}

/**
 * The jobs of alerting that are one for all tenants: sending, and reading the rules file again, whose rules are the default
 * tenant's. Throws SettingsError where a setting cannot be used.
 */
export async function startAlerting(options: AlertingOptions): Promise<Job[]> {
  const { store, settings, clock, metrics, log } = options;
  const seal = new Seal(options.secret);
  const http = guardedHttp(settings.alertAllow);
  const sender = new Sender({
    ...{ store, seal, notifiers: NOTIFIERS, http, clock, random: Math.random, metrics, log },
  });
  const sending = {
    name: "notifications",
    everyMs: SEND_EVERY_MS,
    run: (nowMs: number) => sender.run(nowMs),
  };
  if (settings.alertRules === "") return [sending];
  const file = new RulesFile({
    ...{ store, tenant: DEFAULT_TENANT, metrics, log, seal, notifiers: NOTIFIERS },
    ...{ path: settings.alertRules, environment: process.env },
  });
  await file.load(clock());
  return [
    sending,
    { name: "alert rules", everyMs: REFRESH_EVERY_MS, run: (nowMs: number) => file.refresh(nowMs) },
  ];
}

function guardedHttp(allow: string): GuardedHttp {
  const allowed = allow.split(",").flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]));
  try {
    return new GuardedHttp({ allowed });
  } catch (error) {
    throw new SettingsError(`REPRISE_ALERT_ALLOW: ${(error as Error).message}.`);
  }
}

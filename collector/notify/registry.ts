import { alertmanagerNotifier } from "./alertmanager/notifier.ts";
import { emailNotifier } from "./email/notifier.ts";
import type { Notifier } from "./notifier.ts";
import { opsgenieNotifier } from "./opsgenie/notifier.ts";
import { pagerdutyNotifier } from "./pagerduty/notifier.ts";
import { slackNotifier } from "./slack/notifier.ts";
import { webhookNotifier } from "./webhook/notifier.ts";

/** Every way to be told, one line each. */
export const NOTIFIERS: readonly Notifier[] = [
  webhookNotifier as Notifier,
  slackNotifier as Notifier,
  pagerdutyNotifier as Notifier,
  opsgenieNotifier as Notifier,
  emailNotifier as Notifier,
  alertmanagerNotifier as Notifier,
];

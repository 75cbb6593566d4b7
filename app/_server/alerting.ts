import { resolve } from "node:path";
import type { AlertFile } from "@/lib/contract/alert-file.ts";
import type { OpenReceiver } from "@/lib/read/alerts/receivers.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { parseAlertFile } from "@/lib/runtime/alert-yaml.ts";
import { loadSecret, Seal, sealedFor } from "@/lib/runtime/secret.ts";
import { readSettings, SettingsError } from "@/lib/runtime/settings.ts";
import type { TenantId } from "@/lib/store/port.ts";
import type { StoredReceiver } from "@/lib/store/port-alerting.ts";
import { ConflictProblem } from "./answer.ts";

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { repriseSeal?: Seal };

function seal(): Seal {
  holder.repriseSeal ??= new Seal(loadSecret(resolve(readSettings(process.env).dataDir)));
  return holder.repriseSeal;
}

/** What opens the settings of a tenant's receivers. */
export function receiverOpener(tenant: TenantId): OpenReceiver {
  return ({ name, settings }) => seal().open(sealedFor(tenant, name), settings);
}

/** A receiver as it is kept: its settings sealed, so that only a process of this installation reads them. */
export function sealedReceiver(
  tenant: TenantId,
  receiver: Omit<StoredReceiver, "settings" | "origin">,
  settings: Readonly<Record<string, unknown>>,
): StoredReceiver {
  const sealed = seal().seal(sealedFor(tenant, receiver.name), settings);
  return { ...receiver, origin: "console", settings: sealed };
}

/** Something of the rules file, which the console does not change. */
export function ownedByFile(what: string): ConflictProblem {
  return new ConflictProblem(`${what} comes from the rules file (REPRISE_ALERT_RULES): change it there.`);
}

/** A rules file that somebody gave as a text. Throws ParameterProblem with its line and what is wrong. */
export function alertFileOf(yaml: string, what: string): AlertFile {
  try {
    return parseAlertFile(yaml, what);
  } catch (error) {
    if (error instanceof SettingsError) throw new ParameterProblem("yaml", error.message);
    throw error;
  }
}

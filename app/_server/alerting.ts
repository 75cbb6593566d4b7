import { resolve } from "node:path";
import type { OpenReceiver } from "@/lib/read/alerts/receivers.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { loadSecret, Seal, sealedFor } from "@/lib/runtime/secret.ts";
import { readSettings, SettingsError } from "@/lib/runtime/settings.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";
import type { StoredReceiver } from "@/lib/store/port-alerting.ts";
import { answer, problem } from "./answer.ts";
import { isSameOrigin } from "./origin.ts";

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { repriseSeal?: Seal };

function seal(): Seal {
  holder.repriseSeal ??= new Seal(loadSecret(resolve(readSettings(process.env).dataDir)));
  return holder.repriseSeal;
}

export const openReceiver: OpenReceiver = ({ name, settings }) =>
  seal().open(sealedFor(DEFAULT_TENANT, name), settings);

/** A receiver as it is kept: its settings sealed, so that only a process of this installation reads them. */
export function sealedReceiver(
  receiver: Omit<StoredReceiver, "settings" | "origin">,
  settings: Readonly<Record<string, unknown>>,
): StoredReceiver {
  const sealed = seal().seal(sealedFor(DEFAULT_TENANT, receiver.name), settings);
  return { ...receiver, origin: "console", settings: sealed };
}

/** Something of the rules file, which the console does not change: answered with 409. */
export class FileProblem extends Error {
  constructor(what: string) {
    super(`${what} comes from the rules file (REPRISE_ALERT_RULES): change it there.`);
  }
}

/** Runs a handler that writes: from this console's own pages only; what the rules file owns is a conflict. */
export function answerWrite(request: Request, work: () => Promise<Response>): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Alerting is changed from the console itself only." });
    try {
      return await work();
    } catch (error) {
      if (error instanceof FileProblem) return problem(409, { error: error.message });
      // Of a YAML text that somebody gave: its line and what is wrong.
      if (error instanceof SettingsError) throw new ParameterProblem("yaml", error.message);
      throw error;
    }
  });
}

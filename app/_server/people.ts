import { join, resolve } from "node:path";
import { openPeople } from "@/lib/people/open.ts";
import type { People } from "@/lib/people/people.ts";
import { consoleUrlOf } from "@/lib/runtime/console-url.ts";
import { makeLogger } from "@/lib/runtime/log.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import { openAuthDatabase } from "@/lib/store/auth-database.ts";
import { DATABASE_NAME } from "@/lib/store/open.ts";
import { stores } from "./stores.ts";

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { reprisePeople?: People };

/** Whether people sign in. */
export function signsIn(): boolean {
  return readSettings(process.env).auth === "on";
}

/** What the identity provider is called; null where there is none. */
export function providerName(): string | null {
  const { oidcIssuer, oidcName } = readSettings(process.env);
  return oidcIssuer === "" ? null : oidcName;
}

/** This console's address, without a slash at its end. */
export function consoleUrl(): string {
  return consoleUrlOf(readSettings(process.env));
}

/** Who signs in to this console. Opened on first use. */
export function people(): People {
  if (!holder.reprisePeople) {
    const settings = readSettings(process.env);
    const { database } = openAuthDatabase(join(resolve(settings.dataDir), DATABASE_NAME));
    const { reader, auditor } = stores();
    const store = { people: reader.people, as: auditor.as.bind(auditor) };
    holder.reprisePeople = openPeople(settings, { store, database, log: makeLogger(settings.logLevel) });
  }
  return holder.reprisePeople;
}

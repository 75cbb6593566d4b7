import { resolve } from "node:path";
import { systemClock } from "../runtime/clock.ts";
import { consoleUrlOf } from "../runtime/console-url.ts";
import { loadGroups } from "../runtime/groups.ts";
import type { Logger } from "../runtime/log.ts";
import { loadSecret } from "../runtime/secret.ts";
import { type Settings, SettingsError } from "../runtime/settings.ts";
import type { PeopleStore } from "../store/port.ts";
import type { Oidc } from "./auth.ts";
import { People, type PeopleOptions } from "./people.ts";

type Opened = {
  readonly store: Pick<PeopleStore, "as"> & { readonly people: PeopleStore["people"] };
  readonly database: PeopleOptions["database"];
  readonly log: Logger;
};

/** People of an installation. Throws SettingsError where what is set of the identity provider makes no sense. */
export function openPeople(settings: Settings, { store, database, log }: Opened): People {
  return new People({
    ...{ reader: store, auditor: store, database, log, clock: systemClock },
    secret: loadSecret(resolve(settings.dataDir)),
    baseUrl: consoleUrlOf(settings),
    sessionMs: settings.sessionMs,
    oidc: oidcOf(settings),
    groups: loadGroups(settings.configFile),
  });
}

const LOOPBACK = /^(127\.|\[::1\]$|localhost$)/;

/** The identity provider that is set; null where there is none. Throws SettingsError. */
export function oidcOf(settings: Settings): Oidc | null {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret } = settings;
  if (issuer === "") return null;
  if (!URL.canParse(issuer)) throw new SettingsError("REPRISE_OIDC_ISSUER is no URL.");
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== "https:" && !LOOPBACK.test(hostname))
    throw new SettingsError("REPRISE_OIDC_ISSUER must begin with https: its answers say who somebody is.");
  if (clientId === "" || settings.consoleUrl === "")
    throw new SettingsError(
      "REPRISE_OIDC_ISSUER needs REPRISE_OIDC_CLIENT_ID and REPRISE_CONSOLE_URL with it.",
    );
  return { issuer, clientId, clientSecret, groupsClaim: settings.oidcGroupsClaim };
}

import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";
import type { SenderConfig } from "../agent/sender.ts";
import { isName } from "../pipeline/names.ts";

/** Below this the spool could not hold what a minute may bring. */
const LEAST_SPOOL_BYTES = 32_000_000;
const GATHER_MS = { least: 100, most: 60_000 } as const;

/** How and where to a site's collector forwards. */
export type ForwardConfig = {
  readonly to: SenderConfig;
  /** The site's name at the central collector. */
  readonly site: string;
  /** Of journal and spool. */
  readonly folder: string;
  readonly gatherMs: number;
  readonly spoolBytes: number;
};

/** What the settings say of forwarding; null where nothing is forwarded. Throws SettingsError. */
export function forwardConfigOf(settings: Settings): ForwardConfig | null {
  const { forwardUrl, forwardSite, forwardGatherMs, forwardSpoolBytes, dataDir } = settings;
  if (forwardUrl === "") return null;
  if (!URL.canParse(forwardUrl) || !/^https?:$/.test(new URL(forwardUrl).protocol))
    throw new SettingsError(`REPRISE_FORWARD_URL must be http://… or https://…, but it is "${forwardUrl}".`);
  if (forwardGatherMs < GATHER_MS.least || forwardGatherMs > GATHER_MS.most)
    throw new SettingsError(
      `REPRISE_FORWARD_GATHER_MS must be from ${GATHER_MS.least} to ${GATHER_MS.most}, but it is ${forwardGatherMs}.`,
    );
  if (forwardSpoolBytes < LEAST_SPOOL_BYTES)
    throw new SettingsError(
      `REPRISE_FORWARD_SPOOL_BYTES must be at least ${LEAST_SPOOL_BYTES}, but it is ${forwardSpoolBytes}.`,
    );
  const site = forwardSite === "" ? hostname() : forwardSite;
  if (!isName(site))
    throw new SettingsError("REPRISE_FORWARD_SITE can be no name: too long, or not printable.");
  return {
    to: senderOf(settings),
    site,
    folder: join(resolve(dataDir), "forward"),
    gatherMs: forwardGatherMs,
    spoolBytes: forwardSpoolBytes,
  };
}

function senderOf({ forwardUrl, forwardToken, forwardCa, forwardCert, forwardKey }: Settings): SenderConfig {
  if ((forwardCert === "") !== (forwardKey === ""))
    throw new SettingsError("REPRISE_FORWARD_CERT and REPRISE_FORWARD_KEY come together.");
  return {
    collector: forwardUrl,
    ...(forwardToken === "" ? {} : { token: forwardToken }),
    ...(forwardCa === "" ? {} : { ca: forwardCa }),
    ...(forwardCert === "" ? {} : { cert: forwardCert, key: forwardKey }),
  };
}

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { specOfBody } from "../../lib/contract/probe.ts";
import { PROBE_LIMITS, type ProbeSpec } from "../../lib/domain/probe.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";
import type { ConfiguredProbe } from "../configuration.ts";
import type { ProbeFiles } from "./handshake.ts";

/** What the configuration file says to probe; the files stay here, the store keeps the rest. */
export type ConfiguredTarget = {
  readonly id: string;
  readonly endpoint: string;
  readonly spec: ProbeSpec;
  readonly files: ProbeFiles;
};

export const NO_PROBE_FILES: ProbeFiles = { ca: null, cert: null, key: null };

/** The targets of a configuration file. Throws SettingsError, naming the target, when one cannot be probed as it stands. */
export function probeTargetsOf(list: readonly ConfiguredProbe[], file: string): ConfiguredTarget[] {
  const targets = list.map((given, index) => targetOf(given, `${file}: probe.${index}`));
  const seen = new Set<string>();
  for (const [index, { id, endpoint }] of targets.entries()) {
    if (seen.has(id))
      throw new SettingsError(
        `${file}: probe.${index}: ${endpoint} is probed under the same server name twice.`,
      );
    seen.add(id);
  }
  return targets;
}

function targetOf(given: ConfiguredProbe, where: string): ConfiguredTarget {
  const { every, timeout, caFile, certFile, keyFile, ...fields } = given;
  within(`${where}: every`, every, PROBE_LIMITS.intervalMs);
  within(`${where}: timeout`, timeout, PROBE_LIMITS.timeoutMs);
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new SettingsError(`${where}: certFile and keyFile belong together.`);
  const spec = specOfBody({ ...fields, intervalMs: every, timeoutMs: timeout });
  const read = (path: string | undefined): string | null => (path === undefined ? null : pemOf(path, where));
  return {
    id: idOf(given.endpoint, spec.serverName),
    endpoint: given.endpoint,
    spec,
    files: { ca: read(caFile), cert: read(certFile), key: read(keyFile) },
  };
}

/** The same target has the same id after a restart, so that its history goes on. */
function idOf(endpoint: string, serverName: string | null): string {
  const digest = createHash("sha256")
    .update(`${endpoint}\u0000${serverName ?? ""}`)
    .digest("hex");
  return `file-${digest.slice(0, 16)}`;
}

function within(
  what: string,
  ms: number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (ms < least || ms > most)
    throw new SettingsError(`${what} must be from ${least / 1_000} s to ${most / 1_000} s.`);
}

function pemOf(path: string, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingsError(`${where}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

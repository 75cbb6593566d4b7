import { readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";

/** Longest answer that is read, bytes. */
const ANSWER_BYTES = 1_048_576;
const WITHIN_MS = 60_000;

/** How commands of this host reach a collector. */
export type CollectorAccess = {
  readonly url: string;
  readonly token: string | null;
  /** PEM; null: the usual authorities. */
  readonly ca: Buffer | null;
};
export type CollectorAnswer = { readonly status: number; readonly text: string };
type ReachSettings = Pick<
  Settings,
  "collectorUrl" | "collectorHost" | "collectorPort" | "collectorTlsCert" | "token" | "ca"
>;

/** Where the collector of the settings answers, as seen from this host. */
export function collectorUrlOf(settings: Omit<ReachSettings, "token" | "ca">): string {
  if (settings.collectorUrl !== "") return settings.collectorUrl.replace(/\/+$/, "");
  const { collectorHost: host, collectorPort, collectorTlsCert } = settings;
  const scheme = collectorTlsCert === "" ? "http" : "https";
  const near = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${scheme}://${near.includes(":") ? `[${near}]` : near}:${collectorPort}`;
}

/** How to reach the collector of the settings. Throws SettingsError where the CA cannot be read. */
export function collectorAccess(settings: ReachSettings): CollectorAccess {
  const { token, ca } = settings;
  return {
    url: collectorUrlOf(settings),
    token: token === "" ? null : token,
    ca: ca === "" ? null : readPem("REPRISE_CA", ca),
  };
}

/** A PEM file that a setting names. Throws SettingsError where it cannot be read. */
export function readPem(what: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SettingsError(`${what} names ${path}, which cannot be read: ${(error as Error).message}.`);
  }
}

/** Asks a collector; with a body by POST. Throws what went wrong on the way. */
export function askCollector(
  { url, token, ca }: CollectorAccess,
  path: string,
  { body = null, withinMs = WITHIN_MS }: { body?: string | null; withinMs?: number } = {},
): Promise<CollectorAnswer> {
  const target = new URL(`${url}${path}`);
  const options = {
    method: body === null ? "GET" : "POST",
    signal: AbortSignal.timeout(withinMs),
    headers: {
      ...(body === null ? {} : { "content-length": Buffer.byteLength(body) }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
  };
  return new Promise((resolve, reject) => {
    const sent =
      target.protocol === "https:"
        ? requestHttps(target, { ...options, ...(ca ? { ca } : {}) })
        : requestHttp(target, options);
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (text.length < ANSWER_BYTES) text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.end(body ?? undefined);
  });
}

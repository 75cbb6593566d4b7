import { readFileSync } from "node:fs";
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Logger } from "./log.ts";
import type { Settings } from "./settings.ts";

/** Handshakes of one of Reprise's own ports, as native events tell them. */
export type OwnEvent = {
  readonly ts: number;
  readonly endpoint: string;
  readonly node: string;
  readonly protocol: string;
  readonly outcome: "resumed" | "full";
  readonly mechanism?: "psk" | "ticket";
  readonly count: number;
};

const PROTOCOLS: readonly string[] = ["TLSv1.2", "TLSv1.3"];

/**
 * Counts the handshakes that a port of ours completes, by protocol and outcome. Tickets are its only way to resume (it keeps no
 * sessions), so the mechanism is known; what was offered and not taken, Node does not tell.
 */
export class OwnHandshakes {
  readonly #endpoint: string;
  readonly #node: string;
  #counts = new Map<string, number>();

  constructor(endpoint: string, node: string) {
    this.#endpoint = endpoint;
    this.#node = node;
  }

  /** Notes a completed handshake. */
  see(socket: Pick<TLSSocket, "getProtocol" | "isSessionReused">): void {
    const protocol = socket.getProtocol() ?? "";
    if (!PROTOCOLS.includes(protocol)) return;
    const key = `${protocol} ${socket.isSessionReused() ? "resumed" : "full"}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** What was seen since the last time; it is not told again. */
  take(nowMs: number): OwnEvent[] {
    const counts = this.#counts;
    this.#counts = new Map();
    return [...counts].map(([key, count]) => {
      const [protocol = "", outcome] = key.split(" ");
      const place = { ts: nowMs, endpoint: this.#endpoint, node: this.#node, protocol, count };
      if (outcome === "full") return { ...place, outcome };
      return { ...place, outcome: "resumed", mechanism: protocol === "TLSv1.3" ? "psk" : "ticket" };
    });
  }
}

const TIMEOUT_MS = 5_000;

/**
 * Tells the collector what was seen, with REPRISE_TOKEN where it is set. While the collector is away what was seen is lost, and said: these
 * counts are not worth a queue.
 */
export async function pushOwn(
  own: OwnHandshakes,
  settings: Pick<
    Settings,
    "collectorUrl" | "collectorHost" | "collectorPort" | "collectorTlsCert" | "token" | "ca"
  >,
  log: Logger,
): Promise<void> {
  const events = own.take(Date.now());
  if (events.length === 0) return;
  const { collectorUrl, collectorHost, collectorPort, collectorTlsCert, token, ca } = settings;
  const near = { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[collectorHost] ?? collectorHost;
  const base = collectorUrl || `${collectorTlsCert === "" ? "http" : "https"}://${near}:${collectorPort}`;
  const body = events.map((event) => JSON.stringify(event)).join("\n");
  const headers = {
    "content-type": "application/x-ndjson",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  try {
    const status = await post(`${base}/v1/handshakes`, { body, headers, ca });
    if (status !== 200) log.warn({ status }, "the console's own handshakes were not taken by the collector");
  } catch (error) {
    log.debug(
      { error: (error as Error).message },
      "the collector is away: the console's own handshakes are lost",
    );
  }
}

type Posted = { readonly body: string; readonly headers: Record<string, string>; readonly ca: string };

function post(url: string, { body, headers, ca }: Posted): Promise<number> {
  const isTls = url.startsWith("https:");
  const agent = isTls ? new HttpsAgent(ca === "" ? {} : { ca: readFileSync(ca) }) : new HttpAgent();
  return new Promise((resolve, reject) => {
    const sent = (isTls ? requestHttps : requestHttp)(url, {
      method: "POST",
      headers,
      agent,
      timeout: TIMEOUT_MS,
    });
    sent.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("timeout", () => sent.destroy(new Error("the collector does not answer")));
    sent.on("error", reject);
    sent.end(body);
  });
}

import { readFileSync } from "node:fs";
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";
import type { AgentConfig } from "./config.ts";
import { keyOf, type SpoolRecord } from "./record.ts";

/** First pause after a failure, doubled each time up to the longest; each is shortened by chance, by up to a half. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** Longest Retry-After that is kept to. */
const LONGEST_ASKED_MS = 300_000;
/** A collector that has not answered by then is asked again. */
const ANSWER_MS = 10_000;
/** Longest answer that is read. */
const ANSWER_BYTES = 262_144;
const IDLE_MS = 50;
/** Below 500 and yet no verdict on what was sent: the collector was too busy to read it, or has had too much. */
const PASSING: ReadonlySet<number> = new Set([408, 429]);

/** What is sent of a record; its checkpoint is its writer's own. */
export type Outbound = Pick<SpoolRecord, "number" | "id" | "parts">;

/** Where records wait until they are acknowledged: the agent's spool, or a queue in memory. */
export interface Outgoing {
  /** Records that wait for an acknowledgement. */
  readonly waiting: number;
  /** The oldest of them; null when there is none. */
  peek(): Outbound | null;
  /** Notes that a record, and all before it, have arrived. */
  acknowledge(number: number): void;
}

export type SenderConfig = Pick<AgentConfig, "collector" | "token" | "ca" | "cert" | "key">;

/** How sending goes, for the status. */
export type SendingStatus = {
  /** `refused`: the collector answers, but will not take it; somebody has to look. */
  state: "ok" | "retrying" | "refused";
  problem: string | null;
  sinceMs: number | null;
  acknowledgedMs: number | null;
  /** Lines or rows that the collector did not take, and records under whose key it knows other bytes. */
  rejected: number;
  conflicts: number;
};

type Answer = {
  readonly status: number;
  readonly retryAfterMs: number | null;
  readonly text: string;
};

/** Sends records in order, one at a time, each until it is acknowledged: the same bytes under the same keys. */
export class Sender {
  readonly status: SendingStatus = {
    state: "ok",
    problem: null,
    sinceMs: null,
    acknowledgedMs: null,
    rejected: 0,
    conflicts: 0,
  };
  readonly #config: SenderConfig;
  readonly #tls: TlsParts;
  readonly #spool: Outgoing;
  readonly #log: Logger;
  readonly #clock: Clock;
  #connections: HttpAgent | null = null;
  #request: typeof requestHttp = requestHttp;
  readonly #stop = new AbortController();
  #failures = 0;
  #wake: (() => void) | null = null;

  /** Throws SettingsError where a file of the configuration cannot be read. */
  constructor(
    config: SenderConfig,
    deps: { readonly spool: Outgoing; readonly log: Logger; readonly clock: Clock },
  ) {
    this.#config = config;
    this.#tls = tlsPartsOf(config);
    this.#spool = deps.spool;
    this.#log = deps.log;
    this.#clock = deps.clock;
  }

  /** Sends until it is stopped. Resolves then; what was not acknowledged stays in the spool. */
  async run(): Promise<void> {
    const options = { keepAlive: true, maxSockets: 1 };
    if (this.#config.collector.startsWith("https:")) {
      // TLS takes memory that an agent beside its collector does not need.
      const https = await import("node:https");
      this.#connections = new https.Agent({ ...options, ...this.#tls });
      this.#request = https.request;
    } else this.#connections = new HttpAgent(options);
    while (!this.#stop.signal.aborted) {
      const record = this.#spool.peek();
      if (record === null) await this.#pause(IDLE_MS);
      else await this.#deliver(record);
    }
    this.#connections?.destroy();
  }

  /** Ends a request under way; its record is sent again at the next start. */
  stop(): void {
    this.#stop.abort();
    this.#wake?.();
  }

  async #deliver(record: Outbound): Promise<void> {
    for (let part = 0; part < record.parts.length; ) {
      const answer = await this.#push(record, part).catch((error: Error) => error);
      if (this.#stop.signal.aborted) return;
      if (!(answer instanceof Error) && this.#isSettled(answer)) {
        part += 1;
        this.#failures = 0;
      } else await this.#failed(answer);
      if (this.#stop.signal.aborted) return;
    }
    Object.assign(this.status, { state: "ok", problem: null, sinceMs: null, acknowledgedMs: this.#clock() });
    try {
      this.#spool.acknowledge(record.number);
    } catch (error) {
      // It has arrived all the same: should this process end now, it is sent again under its key.
      this.#log.warn({ error: (error as Error).message }, "an acknowledgement could not be noted");
    }
  }

  /** Whether nothing more can be done for this push: it was taken, or refused line by line and counted. */
  #isSettled({ status, text }: Answer): boolean {
    if (status === 409) {
      this.status.conflicts += 1;
      this.#log.error({ text }, "the collector knows other bytes under this key: this record is not counted");
      return true;
    }
    if (status !== 200 && status !== 422) return false;
    const { rejected, errors } = readReply(text);
    if (rejected > 0) {
      this.status.rejected += rejected;
      this.#log.warn({ rejected, first: errors[0]?.reason }, "the collector refused lines");
    }
    return true;
  }

  async #failed(answer: Answer | Error): Promise<void> {
    const problem =
      answer instanceof Error ? answer.message : `${answer.status} ${answer.text.slice(0, 200)}`;
    const final = !(answer instanceof Error) && answer.status < 500 && !PASSING.has(answer.status);
    const asked = answer instanceof Error ? null : answer.retryAfterMs;
    const { status } = this;
    if (status.problem !== problem) {
      const level = final ? "error" : "warn";
      this.#log[level](
        { problem, waiting: this.#spool.waiting },
        "not acknowledged; tried again until it is",
      );
    }
    status.state = final ? "refused" : "retrying";
    status.problem = problem;
    status.sinceMs ??= this.#clock();
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    const chosen = longest * (0.5 + Math.random() / 2);
    await this.#pause(Math.max(chosen, Math.min(asked ?? 0, LONGEST_ASKED_MS)));
  }

  #push(record: Outbound, number: number): Promise<Answer> {
    const part = record.parts[number];
    if (!part) return Promise.reject(new Error("the record has no such part"));
    const { collector, token } = this.#config;
    const url = new URL(part.target, collector);
    return new Promise((resolve, reject) => {
      const sent = this.#request(
        url,
        {
          method: "POST",
          agent: this.#connections ?? undefined,
          signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_MS)]),
          headers: {
            "content-type": "application/x-ndjson",
            "content-encoding": "zstd",
            "content-length": part.body.length,
            "idempotency-key": keyOf(record, number),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
        },
        (response) => readAnswer(response).then(resolve, reject),
      );
      sent.on("error", reject);
      sent.end(part.body);
    });
  }

  #pause(ms: number): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

type TlsParts = { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };

/** What the collector's certificate is held against, and the sender's own. Throws SettingsError where a file cannot be read. */
function tlsPartsOf(config: SenderConfig): TlsParts {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new SettingsError(`${path} cannot be read: ${(error as Error).message}.`);
    }
  };
  const { ca, cert, key } = config;
  return {
    ...(ca === undefined ? {} : { ca: read(ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: read(cert), key: read(key) }),
  };
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) if (text.length < ANSWER_BYTES) text += chunk;
  return { status: response.statusCode ?? 0, retryAfterMs: retryAfterOf(response), text };
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3); null where there is none. */
function retryAfterOf({ headers }: IncomingMessage): number | null {
  const text = headers["retry-after"];
  if (text === undefined) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function readReply(text: string): { rejected: number; errors: { reason?: string }[] } {
  try {
    const { rejected = 0, errors = [] } = JSON.parse(text) as {
      rejected?: number;
      errors?: { reason?: string }[];
    };
    return { rejected, errors };
  } catch {
    return { rejected: 0, errors: [] };
  }
}

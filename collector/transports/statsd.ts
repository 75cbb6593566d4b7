import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Networks } from "../../lib/runtime/networks.ts";
import type { PointGroups, Producer } from "../counters/points.ts";
import type { PointPushes } from "../counters/push.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { tellListenerErrors } from "./listener-errors.ts";
import { parseStatsdLine, type StatsdCounter } from "./statsd-line.ts";

/** A sender's flush is over after such a pause; what it sends in one flush belongs together. */
const QUIET_MS = 200;
/** Longest that anything waits, and most lines. */
const FLUSH_MS = 1_000;
const FLUSH_LINES = 50_000;
/** Asked of the kernel: its default of 208 KiB loses datagrams under bursts (PERF B3). */
const UDP_BUFFER_BYTES = 8 * 1024 * 1024;
const TRANSPORT = "statsd";

export type StatsdOptions = {
  readonly points: PointPushes;
  readonly pipeline: Pick<Pipeline, "isFull">;
  /** Who may send; null: everyone. */
  readonly allowed: Networks | null;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** statsd over UDP, DogStatsD's extensions included: counters that a source knows; all else is ignored. */
export class StatsdTransport {
  readonly #options: StatsdOptions;
  #socket: Socket | null = null;
  #groups: PointGroups | null = null;
  #atMs = 0;
  #lines = 0;
  #ignored = 0;
  #quiet: NodeJS.Timeout | null = null;
  #latest: NodeJS.Timeout | null = null;
  #flushing: Promise<unknown> = Promise.resolve();

  constructor(options: StatsdOptions) {
    this.#options = options;
  }

  /** Listens; with port 0 the system chooses one. Answers the port. */
  async listen(port: number, host: string): Promise<number> {
    const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4", recvBufferSize: UDP_BUFFER_BYTES });
    socket.on("message", (message, peer) => this.#receive(message, peer));
    tellListenerErrors(socket, (error) => this.#options.log.error({ error }, "statsd listener"));
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject).bind(port, host, () => resolve());
    });
    this.#socket = socket;
    return socket.address().port;
  }

  /** Takes what has arrived, makes it durable, and closes. */
  async drain(): Promise<void> {
    this.#socket?.close();
    await this.#flush();
  }

  #receive(message: Buffer, peer: RemoteInfo): void {
    const { pipeline, metrics, allowed } = this.#options;
    if (allowed?.(peer.address) === false) {
      metrics.statsdDropped.inc({ reason: "not_allowed" });
      return;
    }
    if (pipeline.isFull) {
      metrics.statsdDropped.inc({ reason: "queue_full" });
      return;
    }
    for (const line of message.toString("utf8").split("\n")) {
      if (line.trim() === "") continue;
      this.#lines += 1;
      const parsed = parseStatsdLine(line.trimEnd());
      if (parsed.kind === "counter") this.#take(parsed.counter, peer.address);
      else if (parsed.kind === "other") this.#ignored += 1;
      else metrics.statsdDropped.inc({ reason: "malformed" });
    }
    if (this.#lines >= FLUSH_LINES) void this.#flush();
    else this.#wait();
  }

  #take({ name, tags, count }: StatsdCounter, address: string): void {
    if (this.#groups === null) {
      this.#groups = this.#options.points.begin(null);
      // Later than everything before, also within one millisecond: an equal time would say that it is a repetition.
      this.#atMs = Math.max(this.#options.clock(), this.#atMs + 1);
    }
    const point = {
      name,
      labels: tags,
      value: count,
      atMs: this.#atMs,
      kind: "increase" as const,
      startedMs: null,
    };
    if (this.#groups.add(point, producerOf(tags, address)).kind === "ignored") this.#ignored += 1;
  }

  #wait(): void {
    if (this.#quiet) clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.#flush(), QUIET_MS);
    this.#latest ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  #flush(): Promise<unknown> {
    for (const timer of [this.#quiet, this.#latest]) if (timer) clearTimeout(timer);
    this.#quiet = null;
    this.#latest = null;
    const { points, metrics, log } = this.#options;
    points.ignored(TRANSPORT, this.#ignored);
    const groups = this.#groups?.groups() ?? [];
    const lines = this.#lines;
    this.#groups = null;
    this.#lines = 0;
    this.#ignored = 0;
    const work = points.submit(groups, TRANSPORT).catch((error: Error) => {
      metrics.statsdDropped.inc({ reason: "commit_failed" }, lines);
      log.error({ error: error.message }, "statsd counters lost: the commit failed");
    });
    this.#flushing = Promise.all([this.#flushing, work]);
    return this.#flushing;
  }
}

/** Whose a counter is, by DogStatsD's usual tags; else by the address that it came from. */
function producerOf(tags: Readonly<Record<string, string>>, address: string): Producer {
  const node = tags.host || null;
  return {
    endpoint: null,
    node,
    region: tags.region || null,
    sender: node ?? address,
    process: tags.service ?? "",
  };
}

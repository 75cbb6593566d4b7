import { randomUUID } from "node:crypto";
import type { IngestReply, WireHandshake } from "../../lib/contract/ingest.ts";
import type { LabClock } from "./lab-clock.ts";

/** How long a handshake waits for others to be sent with, lab time: at a raised tempo longer, since each push costs a commit. */
const FLUSH_MS = 1_000;
const HURRIED_FLUSH_MS = 20_000;
const MAX_BUFFERED = 50_000;
const MAX_BATCH = 5_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 15_000;
/** Answers after which the same may be taken later. */
const COME_AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);

type Batch = {
  readonly key: string;
  readonly body: string;
  readonly count: number;
  readonly firstMs: number;
};
type Sent = "taken" | "refused" | "again";

/** Sends what the nodes saw to the collector, as a proxy's log shipper would: in batches, again until they are taken. */
export class Reporter {
  readonly #url: string;
  readonly #clock: LabClock;
  #buffer: { readonly handshake: WireHandshake; readonly atMs: number }[] = [];
  #batch: Batch | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #restUntilMs = 0;
  #sending: Promise<void> | null = null;
  /** Handshakes given up because the collector stayed away too long. */
  dropped = 0;
  /** Handshakes that the collector took. */
  taken = 0;
  /** Handshakes that the collector will not take, and why it did not the last time. */
  refused = 0;
  refusal: string | null = null;

  constructor(collectorUrl: string, clock: LabClock) {
    this.#url = `${collectorUrl}/v1/handshakes`;
    this.#clock = clock;
  }

  readonly add = (handshake: WireHandshake): void => {
    if (this.#buffer.length >= MAX_BUFFERED) this.dropped += 1;
    else this.#buffer.push({ handshake, atMs: this.#clock.now() });
  };

  /** Since when the oldest handshake that is not taken yet has waited, lab time; null when none does. */
  get waitingSinceMs(): number | null {
    return this.#batch?.firstMs ?? this.#buffer[0]?.atMs ?? null;
  }

  /** Sends what has waited long enough, unless a push is under way. */
  poll(): void {
    const sinceMs = this.waitingSinceMs;
    if (this.#sending || sinceMs === null || performance.now() < this.#restUntilMs) return;
    if (this.#clock.now() - sinceMs < (this.#clock.live ? FLUSH_MS : HURRIED_FLUSH_MS)) return;
    this.#sending = this.#flush().finally(() => {
      this.#sending = null;
    });
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    await this.#sending;
    await this.#flush();
  }

  async #flush(): Promise<void> {
    for (;;) {
      this.#batch ??= this.#next();
      if (!this.#batch) return;
      const sent = await this.#send(this.#batch);
      if (sent === "again") {
        // The same batch under the same key next time: it may have been taken although the answer was lost.
        this.#restUntilMs = performance.now() + this.#pauseMs;
        this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
        return;
      }
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#batch = null;
    }
  }

  #next(): Batch | null {
    const part = this.#buffer.splice(0, MAX_BATCH);
    const [first] = part;
    if (!first) return null;
    const body = part.map(({ handshake }) => JSON.stringify(handshake)).join("\n");
    return { key: randomUUID(), body, count: part.length, firstMs: first.atMs };
  }

  async #send({ key, body, count }: Batch): Promise<Sent> {
    const headers = { "idempotency-key": key, "content-type": "application/x-ndjson" };
    const response = await fetch(this.#url, { method: "POST", headers, body }).catch(() => null);
    if (!response || response.status >= 500 || COME_AGAIN.has(response.status)) {
      await response?.body?.cancel();
      return "again";
    }
    // Whatever else it says will not change by saying the same again.
    const reply = (await response.json().catch(() => ({}))) as Partial<IngestReply> & { error?: string };
    const refused = response.ok ? (reply.rejected ?? 0) : count;
    this.taken += count - refused;
    if (refused === 0) return "taken";
    this.refused += refused;
    this.refusal = reply.errors?.[0]?.reason ?? reply.error ?? `answered ${response.status}`;
    return "refused";
  }
}

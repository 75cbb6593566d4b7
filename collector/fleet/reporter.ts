import { randomUUID } from "node:crypto";
import type { WireHandshake } from "../../lib/contract/ingest.ts";

const FLUSH_MS = 1_000;
const MAX_BUFFERED = 50_000;
const MAX_BATCH = 5_000;
const MAX_PAUSE_MS = 15_000;

type Batch = { readonly key: string; readonly body: string };

/** Sends what the nodes saw to the collector, as a proxy's log shipper would: in batches, again until they are taken. */
export class Reporter {
  readonly #url: string;
  #buffer: WireHandshake[] = [];
  #batch: Batch | null = null;
  #pauseMs = FLUSH_MS;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> = Promise.resolve();
  /** Handshakes given up because the collector stayed away too long. */
  dropped = 0;

  constructor(collectorUrl: string) {
    this.#url = `${collectorUrl}/v1/handshakes`;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#sending = this.#flush().finally(() => {
        if (this.#timer) this.start();
      });
    }, this.#pauseMs);
  }

  readonly add = (handshake: WireHandshake): void => {
    if (this.#buffer.length >= MAX_BUFFERED) this.dropped += 1;
    else this.#buffer.push(handshake);
  };

  /** Sends what is left, and stops. */
  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#sending;
    await this.#flush();
  }

  async #flush(): Promise<void> {
    for (;;) {
      this.#batch ??= this.#next();
      if (!this.#batch) return;
      if (!(await this.#send(this.#batch))) {
        // The same batch under the same key next time: it may have been taken although the answer was lost.
        this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
        return;
      }
      this.#pauseMs = FLUSH_MS;
      this.#batch = null;
    }
  }

  #next(): Batch | null {
    const part = this.#buffer.splice(0, MAX_BATCH);
    if (part.length === 0) return null;
    return { key: randomUUID(), body: part.map((handshake) => JSON.stringify(handshake)).join("\n") };
  }

  async #send({ key, body }: Batch): Promise<boolean> {
    const headers = { "idempotency-key": key, "content-type": "application/x-ndjson" };
    return fetch(this.#url, { method: "POST", headers, body }).then(
      (response) => response.status !== 429 && response.status < 500,
      () => false,
    );
  }
}

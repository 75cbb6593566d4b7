import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import { HttpProblem } from "./body.ts";

/** A push that may be sent again: what it is known by, and a digest of all that it says. */
export type Batch = { readonly key: string; readonly digest: string };

export type Work<T> = {
  /** Takes the push; has to commit the batch together with what it brings. */
  readonly run: () => Promise<T>;
  /** What is answered to a retry, from the reply that was committed. */
  readonly again: (reply: string) => T;
};

/** Counts a batch once, however often and however closely together it is sent. */
export class Batches {
  readonly #store: Pick<WriteStore, "findBatch">;
  readonly #tenant: TenantId;
  readonly #inFlight = new Map<string, Promise<unknown>>();

  constructor(store: Pick<WriteStore, "findBatch">, tenant: TenantId) {
    this.#store = store;
    this.#tenant = tenant;
  }

  /** Runs the work unless it was done before. Throws HttpProblem 409 when the key was used for something else. */
  async once<T>(batch: Batch, work: Work<T>): Promise<T> {
    const running = this.#inFlight.get(batch.key);
    if (running) {
      await running.catch(() => undefined);
      return this.once(batch, work);
    }
    const known = await this.#store.findBatch(this.#tenant, batch.key);
    if (known) {
      if (known.digest !== batch.digest)
        throw new HttpProblem(409, "this Idempotency-Key was used for another body");
      return work.again(known.reply);
    }
    // Between the look-up and here another push with this key may have begun.
    if (this.#inFlight.has(batch.key)) return this.once(batch, work);
    const result = work.run();
    this.#inFlight.set(batch.key, result);
    try {
      return await result;
    } finally {
      this.#inFlight.delete(batch.key);
    }
  }
}

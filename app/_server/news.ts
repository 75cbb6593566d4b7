import type { ReadStore } from "@/lib/store/port.ts";

const POLL_MS = 500;

type Listener = (revision: number) => void;

/** Tells listeners when another process has committed: one cheap look at the store twice a second, while anybody listens. */
export class News {
  readonly #reader: ReadStore;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #revision: number | null = null;

  constructor(reader: ReadStore) {
    this.#reader = reader;
  }

  /** Answers how to stop listening, once it is known what is old: every later commit is told. */
  async listen(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#look(), POLL_MS);
    if (this.#revision === null) await this.#look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || !this.#timer) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.#revision = null;
    };
  }

  async #look(): Promise<void> {
    // A store that cannot be read is no news; the pages' own reads say so.
    const revision = await this.#reader.revision().catch(() => null);
    if (revision === null || revision === this.#revision) return;
    const first = this.#revision === null;
    this.#revision = revision;
    if (!first) for (const listener of this.#listeners) listener(revision);
  }
}

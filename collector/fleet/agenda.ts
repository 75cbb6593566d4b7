type Entry = { readonly atMs: number; readonly run: () => void };

/** What is to happen at moments of lab time. */
export class Agenda {
  #entries: Entry[] = [];

  /** At a moment, once; when that has passed, at the next look. */
  at(atMs: number, run: () => void): void {
    this.#entries.push({ atMs, run });
  }

  /** Again and again, first after one interval. */
  every(intervalMs: number, fromMs: number, run: () => void): void {
    const atMs = fromMs + intervalMs;
    this.at(atMs, () => {
      this.every(intervalMs, atMs, run);
      run();
    });
  }

  /** Does what is due, in order. */
  due(nowMs: number): void {
    const ready = this.#entries.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    if (ready.length === 0) return;
    this.#entries = this.#entries.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of ready) run();
  }
}

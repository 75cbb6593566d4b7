import { hash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import type { SpoolRecord } from "../agent/record.ts";
import type { Outgoing } from "../agent/sender.ts";
import type { TapHandshake, TapKey } from "./report.ts";

const BATCH_LINES = 2_000;
/** Batches that wait for the collector; then reading pauses. A capture cannot be read again, so none is dropped. */
const MAX_WAITING = 32;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const TARGET = "/v1/lines/tap";

/**
 * What the tap has told, in batches, until the collector has acknowledged it. A batch is named by its content, so that a
 * capture that is sent twice counts once.
 */
export class Outbox implements Outgoing {
  readonly #target: string;
  #lines: string[] = [];
  /** Tickets issued under one key since the last batch, which go as one line. */
  #issued = new Map<string, { readonly key: TapKey; count: number }>();
  #waiting: SpoolRecord[] = [];
  #number = 0;
  #changed: (() => void)[] = [];

  /** `sender`: under which name it is known at the collector; null for none. */
  constructor(sender: string | null) {
    this.#target = sender === null ? TARGET : `${TARGET}?${new URLSearchParams({ node: sender })}`;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  addHandshake(handshake: TapHandshake): void {
    this.#lines.push(JSON.stringify(handshake));
    if (this.#lines.length >= BATCH_LINES) this.flush();
  }

  addKey(key: TapKey): void {
    const name = JSON.stringify([key.keyName, key.node, key.endpoint, key.lifetimeHintS]);
    const known = this.#issued.get(name);
    if (known) known.count += 1;
    else this.#issued.set(name, { key, count: 1 });
  }

  /** Makes a batch of what there is. */
  flush(): void {
    const keys = [...this.#issued.values()].map(({ key, count }) => JSON.stringify({ ...key, count }));
    const lines = [...this.#lines, ...keys];
    this.#lines = [];
    this.#issued = new Map();
    if (lines.length === 0) return;
    const text = lines.join("\n");
    this.#number += 1;
    this.#waiting.push({
      number: this.#number,
      id: hash("sha256", text, "hex").slice(0, 32),
      checkpoint: {},
      parts: [{ target: this.#target, body: zstdCompressSync(text, FAST) }],
    });
  }

  peek(): SpoolRecord | null {
    return this.#waiting[0] ?? null;
  }

  acknowledge(number: number): void {
    this.#waiting = this.#waiting.filter((record) => record.number > number);
    for (const tell of this.#changed.splice(0)) tell();
  }

  /** Resolves at the next acknowledgement, or after `ms` at the latest. */
  changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#changed.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

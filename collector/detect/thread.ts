import { Worker } from "node:worker_threads";
import type { CacheSample, Change } from "../../lib/domain/handshake.ts";
import type { Opening } from "../../lib/store/open.ts";
import type { TenantId } from "../../lib/store/port.ts";
import type { KeySeen } from "./current-keys.ts";
import type { StoredWindow } from "./history.ts";
import type { Said } from "./judge.ts";
import type { PackedRows } from "./packed.ts";

/** The thread may hold this much; beyond it the thread ends, not the collector. */
const MAX_HEAP_MB = 1_024;

/** How the thread opens the store, and how much history the detector wants before it tells of anything. */
export type ThreadData = Opening & {
  readonly warmUpHours?: number;
  /** Whose telemetry it judges. */
  readonly tenant: TenantId;
};

/** `read` and hold a window of the store; `walk` through what is held; `step` over a bucket; `learn` of changes. */
export type Request = { readonly nowMs: number } & (
  | { readonly kind: "read"; readonly window: StoredWindow }
  | { readonly kind: "walk" }
  | { readonly kind: "learn"; readonly changes: readonly Change[] }
  | {
      readonly kind: "step";
      readonly rows: PackedRows;
      readonly changes: readonly Change[];
      readonly caches: readonly CacheSample[];
      readonly keys: readonly KeySeen[];
      readonly tickMs: number;
    }
);
export type Answer = {
  readonly said: readonly Said[];
  /** Time that it took. */
  readonly seconds: number;
  /** Rows left out so far, since there are too many segments. */
  readonly leftOut: number;
  /** What was thrown; null where all went well. */
  readonly problem: string | null;
};

type Asked = { done(answer: Answer): void; failed(error: Error): void };

/** The detector's thread, from outside. */
export class DetectorThread {
  readonly #worker: Worker;
  #asked: Asked | null = null;
  #end: Error | null = null;

  constructor(workerData: ThreadData) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData,
      // Not those of whoever started the collector: a debugger's or a test runner's are not for this thread.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.#worker.on("message", (answer: Answer) => this.#take()?.done(answer));
    this.#worker.on("error", (error) =>
      this.#ended(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on("exit", (code) => this.#ended(new Error(`the detector's thread ended (${code})`)));
    // A collector that has nothing else to do may end.
    this.#worker.unref();
  }

  /** One step. Rejects where the thread has ended, or ends over it; there is no use in it afterwards. */
  ask(request: Request): Promise<Answer> {
    return new Promise((done, failed) => {
      if (this.#end) {
        failed(this.#end);
        return;
      }
      this.#asked = { done, failed };
      this.#worker.postMessage(request, request.kind === "step" ? [request.rows.rows.buffer] : []);
    });
  }

  async stop(): Promise<void> {
    this.#ended(new Error("the detector was stopped"));
    await this.#worker.terminate();
  }

  #take(): Asked | null {
    const asked = this.#asked;
    this.#asked = null;
    return asked;
  }

  #ended(error: Error): void {
    this.#end ??= error;
    this.#take()?.failed(this.#end);
  }
}

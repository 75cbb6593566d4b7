import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Forwarder } from "../../collector/forward/forwarder.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { makeMetrics } from "../../lib/runtime/metrics.ts";
import type { ImportState } from "../../lib/store/import-state.ts";
import { type Commit, EMPTY_COMMIT } from "../../lib/store/port.ts";

/**
 * What becomes of one commit. `kept`: all is well. `lost`: the store fails and kept nothing. `doubtful`: it fails, and kept it
 * all the same. `dies before`, `dies after`: the process ends before, or after, the store kept it, and starts again.
 */
const FATES = ["kept", "lost", "doubtful", "dies before", "dies after"] as const;
type Fate = (typeof FATES)[number];
type Step = {
  readonly fate: Fate;
  readonly count: number;
  readonly waits: boolean;
  readonly unread: boolean;
};

const BUCKET_MS = 1_790_000_000_000;
let root: string;
let server: Server;
let port: number;
let taken: Map<string, number>;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "reprise-forwarding-"));
  taken = new Map();
  server = createServer((request, response) => void takePush(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true });
});

/** A centre that counts each key once, and leaves a third of all pushes without the answer that they were taken. */
async function takePush(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const lines = zstdDecompressSync(Buffer.concat(chunks)).toString().split("\n");
  const sum = lines.reduce((total, line) => total + (JSON.parse(line).count ?? 0), 0);
  taken.set(String(request.headers["idempotency-key"]), sum);
  if (Math.random() < 0.33) request.socket.destroy();
  else response.end('{"accepted":1,"rejected":0,"duplicate":0,"errors":[]}');
}

/** A store that keeps a mark and a sum in one step. */
class FakeStore {
  mark: ImportState | null = null;
  sum = 0;
  unread = 0;

  keep(commit: Commit): void {
    this.mark = commit.imports.at(-1) ?? this.mark;
    this.sum += commit.cells.reduce((total, { count }) => total + count, 0);
  }

  async findImports(): Promise<readonly ImportState[]> {
    if (this.unread > 0) {
      this.unread -= 1;
      throw new WorldError("not now", { retryable: true });
    }
    return this.mark ? [this.mark] : [];
  }

  cellOf() {
    const result = { outcome: "full", offer: null, mechanism: null, reason: null } as const;
    const names = { endpoint: "shop", node: "n1", region: null, family: null, protocol: null };
    const origin = { source: "native", system: null, vantage: "log" } as const;
    return { ...names, ...origin, result: { ...result, earlyData: null, earlyDataReason: null } };
  }
}

function forwarder(folder: string, store: FakeStore): Promise<Forwarder> {
  const to = { collector: `http://127.0.0.1:${port}` };
  return new Forwarder({
    config: { to, site: "site", folder, gatherMs: 100, spoolBytes: 100_000_000 },
    ...{ tenant: 1, store, clock: systemClock, log: makeLogger("silent"), metrics: makeMetrics() },
  }).start();
}

async function live(steps: readonly Step[], run: string): Promise<{ kept: number; sent: number }> {
  const store = new FakeStore();
  let folder = join(root, run, "0");
  mkdirSync(join(root, run));
  let current = await forwarder(folder, store);
  for (const [i, { fate, count, waits, unread }] of steps.entries()) {
    const next = join(root, run, String(i + 1));
    const cell = { bucketStartMs: BUCKET_MS, segmentId: 1, resultId: 1, count };
    const cells = [{ ...cell, handshakeUs: null, ttfbUs: null, ticketAgeS: null }];
    if (unread) store.unread = 1;
    const dies = fate.startsWith("dies");
    await current
      .through({ ...EMPTY_COMMIT, cells }, async (marked) => {
        if (fate !== "lost" && fate !== "dies before") store.keep(marked);
        // What is on disk at this moment is what a killed process leaves.
        if (dies) cpSync(folder, next, { recursive: true });
        if (fate !== "kept") throw new WorldError("the store failed", { retryable: false });
      })
      .catch((error: unknown) => expect(error).toBeInstanceOf(WorldError));
    if (dies) {
      if (!existsSync(next)) cpSync(folder, next, { recursive: true });
      await current.stop();
      folder = next;
      store.unread = 0;
      current = await forwarder(folder, store);
    }
    if (waits) await new Promise((resolve) => setTimeout(resolve, 130));
  }
  await current.stop();
  store.unread = 0;
  const last = await forwarder(folder, store);
  const total = (): number => [...taken.values()].reduce((sum, one) => sum + one, 0);
  for (let tries = 0; tries < 400 && total() !== store.sum; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  // Whatever came twice would come now.
  await new Promise((resolve) => setTimeout(resolve, 150));
  await last.stop();
  const sent = total();
  taken = new Map();
  return { kept: store.sum, sent };
}

it("what the store kept is sent once, whatever fails or dies in between", async () => {
  const step = fc.record({
    fate: fc.constantFrom(...FATES),
    count: fc.integer({ min: 1, max: 1_000 }),
    waits: fc.boolean(),
    unread: fc.boolean(),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      run += 1;
      const { kept, sent } = await live(steps, `run-${run}`);
      expect(sent).toBe(kept);
    }),
    { numRuns: 25, interruptAfterTimeLimit: 40_000 },
  );
});

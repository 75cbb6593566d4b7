import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readExactly } from "../../collector/detect/exact.ts";
import { Feed } from "../../collector/detect/feed.ts";
import { nextWindow, readWindow, type StoredRead } from "../../collector/detect/history.ts";
import type { Result } from "../../lib/domain/handshake.ts";
import { openReadStore } from "../../lib/store/open.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import { EMPTY_COMMIT, type WriteStore } from "../../lib/store/port.ts";

const MINUTE = 60_000;
const MINUTES = 30;
const START = Date.UTC(2026, 10, 24);

/** Handshakes by minute. */
class Tally {
  readonly counts = new Map<number, number>();

  add(atMs: number, count: number): void {
    this.counts.set(atMs, (this.counts.get(atMs) ?? 0) + count);
  }

  addRead({ rows }: StoredRead): void {
    for (const [atMs, list] of rows) for (const { count } of list) this.add(atMs, count);
  }
}

const segment = { endpoint: "shop", node: "n1", region: null, family: "ios", protocol: "TLSv1.3" } as const;
const result: Result = {
  ...{ outcome: "full", offer: "none", mechanism: null, reason: null, earlyData: null },
  earlyDataReason: null,
};

/** Commits at one minute after the other, as fast as the disk lets it; each is heard of when it is durable. */
async function commitAll(store: WriteStore, minutes: readonly number[], heard: (cells: Commit) => void) {
  for (const [i, minute] of minutes.entries()) {
    const cell = {
      segmentId: store.internSegment(1, segment, { source: "native", system: null, vantage: "log" }),
      resultId: store.internResult(result),
      ...{ bucketStartMs: START + minute * MINUTE, count: i + 1 },
      ...{ handshakeUs: null, ttfbUs: null, ticketAgeS: null },
    };
    await store.commit(1, { ...EMPTY_COMMIT, cells: [cell] }, START);
    heard({ cells: [cell], caches: [], keys: [] });
  }
}
type Commit = Parameters<Feed["add"]>[0];

it("history that is read while it is written to, and what is heard of afterwards, are everything, once", async () => {
  const order = fc.array(fc.nat(MINUTES - 1), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(order, order, fc.boolean(), async (before, during, slow) => {
      const folder = await mkdtemp(join(tmpdir(), "reprise-exact-"));
      const options = { file: join(folder, "reprise.db"), clock: () => START + MINUTES * MINUTE };
      const writer = await openWriteStore(options);
      const reader = openReadStore(options);
      const feed = new Feed({ store: writer, bucketMs: MINUTE, mostSums: 10_000, mostCaches: 10 });
      const [told, seen] = [new Tally(), new Tally()];
      const hear = (commit: Commit): void => {
        feed.add(commit);
        for (const { bucketStartMs, count } of commit.cells) told.add(bucketStartMs, count);
      };
      await commitAll(writer, before, hear);
      const writing = commitAll(writer, during, hear);
      const walk = { fromMs: START, finelyFromMs: START };
      while (walk.fromMs < START + MINUTES * MINUTE) {
        const window = nextWindow(walk, START + MINUTES * MINUTE);
        const aside = async (): Promise<StoredRead> => {
          const read = await readWindow(reader, 1, window);
          if (slow) await new Promise((resolve) => setTimeout(resolve, 2));
          return read;
        };
        const barrier = () => writer.revision();
        const inTurn = () => readWindow(writer, 1, window);
        seen.addRead(await readExactly(feed, window, { aside, barrier, inTurn }));
        walk.fromMs = window.toMs;
      }
      await writing;
      for (const { atMs, count } of feed.take(Number.POSITIVE_INFINITY, { seen: [], choices: [] }).rows)
        seen.add(atMs, count);
      await reader.close();
      await writer.close();
      await rm(folder, { recursive: true });
      expect([...seen.counts].sort()).toEqual([...told.counts].sort());
    }),
    { numRuns: 25 },
  );
}, 120_000);

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Origin, Result, Segment } from "../../lib/domain/handshake.ts";
import { Histogram } from "../../lib/stats/histogram.ts";
import { DATABASE_NAME, openReadStore } from "../../lib/store/open.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import { type Commit, EMPTY_COMMIT, type ReadStore, type WriteStore } from "../../lib/store/port.ts";

const ORIGIN: Origin = { source: "native", system: null, vantage: "log" };
const UNKNOWN_RESULT = { offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null };

/** So many equal handshakes at a moment. */
export type Told = {
  readonly atMs: number;
  readonly count?: number;
  readonly us?: number;
  /** Ticket age at resumption, seconds. */
  readonly ageS?: number;
  /** By default a log of native events. */
  readonly origin?: Origin;
} & Partial<Segment> &
  Pick<Result, "outcome"> &
  Partial<Result>;

export type StoredFleet = {
  readonly dataDir: string;
  readonly writer: WriteStore;
  readonly reader: ReadStore;
  tell(handshakes: readonly Told[], more?: Partial<Commit>): Promise<void>;
  destroy(): Promise<void>;
};

/** A real store in a folder of its own, written as the collector writes and read as the console reads. */
export async function storedFleet(clock: () => number): Promise<StoredFleet> {
  const dataDir = await mkdtemp(join(tmpdir(), "reprise-read-"));
  const file = join(dataDir, DATABASE_NAME);
  const writer = await openWriteStore({ file, clock });
  const reader = openReadStore({ file, clock });
  return {
    dataDir,
    writer,
    reader,
    tell: (handshakes, more = {}) =>
      writer.commit(
        1,
        { ...EMPTY_COMMIT, cells: handshakes.map((told) => cellOf(writer, told)), ...more },
        clock(),
      ),
    destroy: async () => {
      await reader.close();
      await writer.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

function cellOf(writer: WriteStore, told: Told): Commit["cells"][number] {
  const { atMs, count = 1, us, endpoint = "shop", node = "n1", region = "eu", family = "chrome" } = told;
  const encoded = (value: number | undefined): Uint8Array | null => {
    const histogram = new Histogram();
    if (value === undefined) return null;
    histogram.add(value, count);
    return histogram.encode();
  };
  const segment = { endpoint, node, region, family, protocol: told.protocol ?? "TLSv1.3" } as const;
  const { outcome, offer, mechanism, reason, earlyData, earlyDataReason } = { ...UNKNOWN_RESULT, ...told };
  return {
    bucketStartMs: Math.floor(atMs / 10_000) * 10_000,
    segmentId: writer.internSegment(1, segment, told.origin ?? ORIGIN),
    resultId: writer.internResult({ outcome, offer, mechanism, reason, earlyData, earlyDataReason }),
    count,
    handshakeUs: encoded(us),
    ttfbUs: null,
    ticketAgeS: encoded(told.ageS),
  };
}

import { isName } from "../../collector/pipeline/names.ts";
import { readRollups } from "../../collector/transports/rollup-route.ts";
import { MAX_COUNT } from "../../lib/contract/ingest.ts";
import { HASHED_KEY_NAME, MAX_ROLLUP_LINE_BYTES } from "../../lib/contract/rollup.ts";
import { encodedProblem } from "../../lib/stats/encoded.ts";
import { Histogram } from "../../lib/stats/histogram.ts";
import { fuzz } from "./fuzz.ts";
import { checkHandshake, checkIntake, NOW, WINDOW } from "./promises.ts";

const histogram = (...values: number[]): string => {
  const made = new Histogram();
  for (const value of values) made.add(value);
  return Buffer.from(made.encode()).toString("base64");
};
const row = {
  bucketStartMs: NOW,
  endpoint: "shop.example",
  node: "edge-1",
  region: "eu",
  family: "chrome",
  protocol: "TLSv1.3",
  outcome: "resumed",
  offer: "psk",
  mechanism: "psk",
  count: 3,
  handshakeUs: histogram(900, 1_100, 40_000),
  ticketAgeS: histogram(0, 60),
};
const MINUTE = Math.floor(NOW / 60_000) * 60_000;
const sample = { ts: NOW, outcome: "failed", endpoint: "shop.example", alert: "bad_certificate" };
const LINES = [
  row,
  {
    bucketStartMs: NOW,
    outcome: "full",
    reason: "expired",
    count: 1,
    ttfbUs: histogram(...Array.from({ length: 200 }, (_, n) => n ** 3)),
  },
  { refused: "not JSON", count: 2, sample: "{" },
  { breach: "counters_monotone", count: 1, detail: "frontend https: 5 to 3" },
  { sample },
  { change: { ts: NOW, kind: "reload", title: "nginx reloaded" } },
  { cache: { ts: NOW, node: "edge-1", cache: "shmcb", hits: 5, misses: 1 } },
  { tlsAlert: { ts: MINUTE, endpoint: "shop.example", vantage: "wire", alert: "bad_certificate", count: 3 } },
  { key: { ts: NOW, keyName: "0123456789abcdef", endpoint: "shop.example", action: "issued", count: 2 } },
];

fuzz({
  name: "rollup-rows-hashed",
  kind: "text",
  seeds: LINES.map((line) => Buffer.from(JSON.stringify(line))),
  start: () => (input) => {
    const query = new URLSearchParams("source=nginx&node=site&via=forward&hashed=1");
    const push = { query, transport: "forward", grant: null };
    const intake = readRollups(push, (visit) => visit(input.toString("utf8"), 0), WINDOW);
    checkIntake(intake);
    for (const { keyName } of [...intake.keys, ...intake.keyEvents])
      if (!HASHED_KEY_NAME.test(keyName)) throw new Error(`${keyName} is no hash`);
    for (const { alert, count, bucketStartMs } of intake.tlsAlerts)
      if (!isName(alert) || !(count >= 1 && count <= MAX_COUNT) || bucketStartMs % 60_000 !== 0)
        throw new Error(`${count} of ${JSON.stringify(alert)} at ${bucketStartMs}`);
  },
});

fuzz({
  name: "rollup-rows",
  kind: "text",
  seeds: LINES.map((line) => Buffer.from(JSON.stringify(line))),
  start: () => (input) => {
    const push = { query: new URLSearchParams("source=nginx&node=edge-1"), transport: "agent", grant: null };
    const intake = readRollups(push, (visit) => visit(input.toString("utf8"), 0), WINDOW);
    checkIntake(intake);
    for (const { bucketStartMs, handshakeUs, ttfbUs, ticketAgeS, ...result } of intake.rows) {
      const plain = { cipher: null, group: null, keyName: null, ticketId: null, client: null, alert: null };
      const times = { handshakeUs: null, ttfbUs: null, ticketAgeS: null };
      checkHandshake({ ...result, ...plain, ...times, atMs: bucketStartMs });
      for (const read of [handshakeUs, ttfbUs, ticketAgeS])
        if (read && !(read.count <= result.count && Number.isFinite(read.sum) && read.sum >= 0))
          throw new Error(`a histogram of ${read.count} with sum ${read.sum} in a row of ${result.count}`);
    }
  },
});

/** A histogram that is taken can be written, read again and added to another. */
fuzz({
  name: "histogram",
  kind: "bytes",
  seeds: [
    histogram(),
    histogram(1),
    histogram(900, 1_100, 40_000),
    histogram(...Array.from({ length: 500 }, (_, n) => n * n)),
  ].map((text) => Buffer.from(text, "base64")),
  start: () => (input) => {
    // No line of a push holds more.
    const bytes = input.subarray(0, MAX_ROLLUP_LINE_BYTES);
    let read: Histogram;
    try {
      read = Histogram.decode(bytes);
    } catch (error) {
      if (error instanceof Error) return;
      throw error;
    }
    if (encodedProblem(bytes, read, MAX_COUNT) !== null) return;
    const again = Histogram.decode(read.encode());
    if (again.count !== read.count || again.sum !== read.sum)
      throw new Error("written and read it is another");
    read.merge(new Histogram());
  },
});

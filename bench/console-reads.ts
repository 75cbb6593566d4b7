/** A process that reads what open consoles read: `node bench/console-reads.ts FILE CONSOLES EVERY_MS`. Tells each reading's milliseconds. */
import { readSeries } from "../lib/read/series.ts";
import { readSummary } from "../lib/read/summary.ts";
import { openReadStore } from "../lib/store/open.ts";

const [file = "", consoles = "10", everyMs = "2000"] = process.argv.slice(2);
const store = openReadStore({ file });

/** One console's Overview: every fifth looks at ninety days, the others at one. */
async function look(console: number): Promise<void> {
  const window = { from: console % 5 === 0 ? "now-90d" : "now-24h", to: "now" };
  const nowMs = Date.now();
  const start = performance.now();
  await readSummary(store, 1, { params: window, nowMs });
  await readSeries(store, 1, { params: { ...window, metric: "resume_rate", by: "mechanism" }, nowMs });
  await readSeries(store, 1, { params: { ...window, metric: "handshake_us", q: "0.5,0.95" }, nowMs });
  process.stdout.write(`${(performance.now() - start).toFixed(1)}\n`);
}

async function keepLooking(console: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, (Number(everyMs) / Number(consoles)) * console));
  for (;;) {
    const next = Date.now() + Number(everyMs);
    await look(console);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())));
  }
}

await Promise.all(Array.from({ length: Number(consoles) }, (_, console) => keepLooking(console)));

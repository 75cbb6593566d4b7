import { numberOf, objectOf, textOf } from "../fields.ts";
import { counterCapabilities, scrapeConfiguration } from "../metric-configuration.ts";
import { counted, observationAt } from "../metric-result.ts";
import type { MetricSource, ReadAt, ReadResult } from "../metric-source.ts";

const FULL = "ssl.handshake.full";
const RESUMED = "ssl.handshake.resume";

/** The status handler of h2o (lib/handler/status/ssl.c, 2.3 and newer). */
export const h2oStatusSource: MetricSource = {
  name: "h2o-status",
  title: "h2o status",
  system: "h2o",
  capabilities: counterCapabilities({
    outcome: "yes",
    notes: [
      "ssl.handshake.full and ssl.handshake.resume are counters of their own and come with h2o 2.3; version 2.2 tells nothing of TLS.",
      "ssl.handshake.accumulated-time.* are sums: a mean cannot be put beside distributions, so no handshake time is taken from them.",
      "One set of counters for all endpoints of the node: name the endpoint at the target where there is one.",
    ],
  }),
  configurations: [
    {
      title: "Open the status handler for reading",
      transport: "scrape",
      language: "yaml",
      text: `# h2o.conf
listen: { host: 127.0.0.1, port: 8081 }
hosts:
  "127.0.0.1:8081":
    paths:
      /status: { status: ON }`,
    },
    scrapeConfiguration("h2o-status", `"http://127.0.0.1:8081/status/json?show=main,ssl"`),
  ],
  read,
  interpret: (increases) => ({
    handshakes: [...counted("full", increases[FULL] ?? 0), ...counted("resumed", increases[RESUMED] ?? 0)],
    breaches: [],
  }),
};

function read(body: string, at: ReadAt): ReadResult {
  const status = objectOf(body);
  if (status === null) return { ok: false, reason: "not the JSON of h2o's status handler" };
  const [full, resumed] = [numberOf(status[FULL]), numberOf(status[RESUMED])];
  if (full === null || resumed === null)
    return { ok: false, reason: `no ${FULL} in it: h2o 2.3 or newer tells it` };
  const startedMs = timeOf(textOf(status["restart-time"]));
  const totals = { [FULL]: full, [RESUMED]: resumed };
  return { ok: true, observations: [observationAt(at, "process", { startedMs, totals })] };
}

/** `25/Nov/2026:22:42:40 +0000` as epoch ms; null for anything else. */
function timeOf(text: string | null): number | null {
  const [, day, month, year, time, zone] =
    /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})$/.exec(text ?? "") ?? [];
  const atMs = Date.parse(`${day} ${month} ${year} ${time} ${zone}`);
  return Number.isFinite(atMs) ? atMs : null;
}

import { describe } from "vitest";
import { countDelivery } from "../../collector/counters/counting.ts";
import { Senders } from "../../collector/counters/senders.ts";
import { METRIC_SOURCES } from "../../collector/sources/metric-registry.ts";
import { parsePrometheusText } from "../../collector/sources/prometheus-text.ts";
import { parseStatsdLine } from "../../collector/transports/statsd-line.ts";
import { BODIES } from "./bodies.ts";
import { fuzz } from "./fuzz.ts";
import { checkIntake, checkNumbers, checkTime, NOW, WINDOW } from "./promises.ts";

const TARGET = { endpoint: null, node: null, region: null, target: "127.0.0.1:1" };
const INTERVAL_MS = 15_000;

/** The damaged body is read after a sound one, so that what it says counts as an increase. */
describe.each(METRIC_SOURCES.map((source) => [source.name, source] as const))("%s", (name, source) => {
  const bodies = BODIES[name] ?? [];
  const sound = bodies.map((body) => source.read(body, { ...TARGET, atMs: NOW }));
  const key = { source: name, transport: "scrape", sender: "" };
  fuzz({
    name: `counters-${name}`,
    kind: "text",
    seeds: bodies.map((body) => Buffer.from(body)),
    start: () => (input) => {
      const senders = new Senders([]);
      for (const read of sound)
        if (read.ok)
          senders.keep(
            countDelivery({ source, key, observations: read.observations }, senders, WINDOW).counters,
          );
      const read = source.read(input.toString("utf8"), { ...TARGET, atMs: NOW + INTERVAL_MS });
      if (!read.ok) {
        if (read.reason === "" || read.reason.length > 1_000)
          throw new Error(`reason ${read.reason.slice(0, 80)}`);
        return;
      }
      // Totals are checked by the engine, whoever read them.
      for (const { atMs } of read.observations) checkTime({ atMs });
      checkIntake(countDelivery({ source, key, observations: read.observations }, senders, WINDOW));
    },
  });
});

const texts = Object.values(BODIES)
  .flat()
  .filter((body) => body.startsWith("#") || body.startsWith("nginxplus"));
fuzz({
  name: "prometheus-text",
  kind: "text",
  seeds: texts.map((text) => Buffer.from(text)),
  start: () => (input) => {
    const read = parsePrometheusText(input.toString("utf8"), { atMs: NOW, wanted: () => true });
    if (!read.ok) return;
    for (const { name, labels, atMs } of read.points) {
      checkTime({ atMs });
      if (name === "" || Object.values(labels).some((value) => typeof value !== "string"))
        throw new Error(`a point named ${JSON.stringify(name)}`);
    }
  },
});

fuzz({
  name: "statsd-line",
  kind: "text",
  seeds: [
    "listener.0.0.0.0_8443.ssl.handshake:120|c",
    "listener.0.0.0.0_8443.ssl.session_reused:1:2:3|c|@0.1|#env:prod,node:edge-1,flag",
    "envoy.ssl.handshake;node=edge-1;region=eu:5|c",
    "a.gauge:5|g",
    "a.timer:320|ms|@0.1",
    "_e{5,4}:title|text",
    "_sc|name|0",
  ].map((line) => Buffer.from(line)),
  start: () => (input) => {
    const read = parseStatsdLine(input.toString("utf8"));
    if (read.kind === "counter") checkNumbers({ count: read.counter.count });
  },
});

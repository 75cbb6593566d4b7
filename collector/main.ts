import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../lib/runtime/clock.ts";
import { makeFolder } from "../lib/runtime/folder.ts";
import { type Logger, makeLogger } from "../lib/runtime/log.ts";
import { makeMetrics } from "../lib/runtime/metrics.ts";
import { loadSecret } from "../lib/runtime/secret.ts";
import { type Settings, SettingsError } from "../lib/runtime/settings.ts";
import { DATABASE_NAME } from "../lib/store/open.ts";
import { openWriteStore } from "../lib/store/open-writer.ts";
import { DEFAULT_TENANT, type WriteStore } from "../lib/store/port.ts";
import { startAlerting } from "./alerting/alerting.ts";
import { loadConfiguration } from "./configuration.ts";
import { Counters } from "./counters/counters.ts";
import { PointPushes } from "./counters/push.ts";
import { Detection } from "./jobs/detect.ts";
import { housekeeping } from "./jobs/housekeeping.ts";
import { KeyWatch } from "./jobs/keys.ts";
import { Prober } from "./jobs/probe.ts";
import { Scheduler } from "./jobs/scheduler.ts";
import { Scraper } from "./jobs/scrape.ts";
import { Misuse } from "./misuse/misuse.ts";
import { Hasher } from "./pipeline/hasher.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { probeTargetsOf } from "./probe/target.ts";
import { targetsOf } from "./scrape/target.ts";
import { Formats } from "./sources/formats/configured.ts";
import { METRIC_SOURCES } from "./sources/metric-registry.ts";
import { HttpTransport } from "./transports/http.ts";
import { FindImportsRoute, ImportRoute } from "./transports/import-route.ts";
import { IngestRoutes } from "./transports/ingest-routes.ts";
import { OtlpLogsRoute } from "./transports/otlp/logs-route.ts";
import { OtlpMetricsRoute } from "./transports/otlp/metrics-route.ts";
import { RemoteWriteRoute } from "./transports/remote-write/route.ts";
import { StatsdTransport } from "./transports/statsd.ts";
import { SyslogTransport } from "./transports/syslog.ts";
import { tlsFilesOf } from "./transports/syslog-tls-files.ts";

export type Collector = {
  readonly httpPort: number;
  /** null when syslog is switched off. */
  readonly syslogPort: number | null;
  /** null when syslog over TLS is switched off. */
  readonly syslogTlsPort: number | null;
  /** null when statsd is switched off. */
  readonly statsdPort: number | null;
  readonly store: WriteStore;
  /** Reads changed certificate files now, not at the next look. */
  reload(): void;
  /** Stops taking, finishes and commits what was taken, closes. */
  close(): Promise<void>;
};
export type CollectorDeps = { readonly clock?: Clock; readonly log?: Logger };

const HOUR_MS = 3_600_000;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Starts a collector. Throws SettingsError, in one sentence, when a port is in use or the data folder unwritable. */
export async function runCollector(settings: Settings, deps: CollectorDeps = {}): Promise<Collector> {
  const clock = deps.clock ?? systemClock;
  const log = deps.log ?? makeLogger(settings.logLevel);
  if (!LOOPBACK.test(settings.collectorHost))
    throw new SettingsError(
      `REPRISE_COLLECTOR_HOST is ${settings.collectorHost}, but this release has no source tokens yet and serves loopback only.`,
    );
  const configuration = loadConfiguration(settings.configFile);
  const metrics = makeMetrics();
  const formats = Formats.compile(configuration.formats, settings.configFile, (source, error) => {
    metrics.decoderMistakes.inc({ source });
    log.error({ source, error: error.stack }, "a decoder made a mistake with a line");
  });
  const targets = targetsOf(configuration.scrape, settings.configFile);
  const probed = probeTargetsOf(configuration.probe, settings.configFile);
  prepareFolder(settings.dataDir);
  const opening = {
    file: join(resolve(settings.dataDir), DATABASE_NAME),
    tenSecondsMs: settings.retainTenSecondsMs,
    minutesMs: settings.retainMinutesMs,
  };
  const store = await openWriteStore({ ...opening, clock });
  const secret = loadSecret(settings.dataDir);
  const hasher = new Hasher(secret);
  const thread = { ...opening, warmUpHours: settings.detectWarmUpMs / HOUR_MS };
  const detection = settings.detect ? new Detection({ store, thread, clock, metrics, log }) : null;
  const committed = detection ? { committed: detection.committed.bind(detection) } : {};
  const misuse = settings.misuse
    ? new Misuse({ store, hasher, settings, configuration, clock, metrics, log })
    : null;
  const accepted = misuse ? { accepted: misuse.accepted.bind(misuse) } : {};
  const pipeline = new Pipeline({ store, hasher, clock, metrics, log, settings, ...committed, ...accepted });
  const states = await store.readCounters(DEFAULT_TENANT);
  const counters = new Counters({ pipeline, states, clock, settings });
  const scraper = new Scraper({ counters, pipeline, clock, metrics, log });
  const prober = new Prober({ store, pipeline, hasher, clock, metrics, log });
  const routes = new IngestRoutes({ pipeline, store, clock, formats, settings });
  const points = new PointPushes({ counters, sources: METRIC_SOURCES, clock, metrics, settings });
  const pushRoutes = [
    new OtlpMetricsRoute(points),
    new OtlpLogsRoute({ pipeline, store, clock, metrics, formats, settings }),
    new RemoteWriteRoute({ points, states, clock, settings }),
    new FindImportsRoute(store),
    new ImportRoute({ pipeline, store, clock, settings }),
  ];
  const http = new HttpTransport({ routes, pushRoutes, pipeline, metrics, log, settings });
  const statsd = new StatsdTransport({ points, pipeline, clock, metrics, log });
  const syslog = new SyslogTransport({ pipeline, clock, metrics, log, formats, settings });
  const scheduler = new Scheduler({ clock, log, metrics });
  try {
    const httpPort = await listen(http, settings);
    const host = settings.collectorHost;
    const syslogPort = await listenAt(settings.syslogPort, "REPRISE_SYSLOG_PORT", (port) =>
      syslog.listen(port, host),
    );
    const syslogTlsPort = await listenAt(settings.syslogTlsPort, "REPRISE_SYSLOG_TLS_PORT", (port) =>
      syslog.listenTls(port, host, tlsFilesOf(settings)),
    );
    const statsdPort = await listenAt(settings.statsdPort, "REPRISE_STATSD_PORT", (port) =>
      statsd.listen(port, host),
    );
    const alerting = await startAlerting({ store, secret, settings, clock, metrics, log });
    scheduler.start([
      ...housekeeping(store, settings, metrics),
      new KeyWatch(store).job,
      ...(detection ? [detection.job] : []),
      ...(misuse ? [misuse.job] : []),
      ...alerting,
    ]);
    scraper.start(targets);
    await prober.start(probed);
    const close = async (): Promise<void> => {
      await Promise.all([http.drain(), syslog.drain(), statsd.drain(), scraper.stop(), prober.stop()]);
      await pipeline.drain();
      await detection?.stop();
      await scheduler.stop();
      await store.close();
    };
    const reload = (): void => syslog.reloadCertificates();
    return { httpPort, syslogPort, syslogTlsPort, statsdPort, store, reload, close };
  } catch (error) {
    http.server.close();
    await Promise.all([syslog.drain(), statsd.drain()]);
    await store.close();
    throw error;
  }
}

/** Runs a collector until SIGTERM or SIGINT, as a process of its own. */
export async function runCollectorProcess(settings: Settings): Promise<void> {
  const log = makeLogger(settings.logLevel);
  const collector = await runCollector(settings, { log });
  const { httpPort, syslogPort, syslogTlsPort, statsdPort } = collector;
  const ports = { http: httpPort, syslog: syslogPort, syslogTls: syslogTlsPort, statsd: statsdPort };
  log.info(ports, "collector ready");
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "collector stops");
    await collector.close();
    process.exit(0);
  };
  process.on("SIGTERM", (signal) => void stop(signal));
  process.on("SIGINT", (signal) => void stop(signal));
  // Without certificates there is nothing to read again, and a closed terminal ends the program as usual.
  if (syslogTlsPort !== null) process.on("SIGHUP", () => collector.reload());
}

function prepareFolder(dataDir: string): void {
  try {
    makeFolder(dataDir);
  } catch (error) {
    throw new SettingsError(`The data folder ${dataDir} cannot be written: ${(error as Error).message}.`);
  }
}

async function listen(http: HttpTransport, settings: Settings): Promise<number> {
  const { collectorPort, collectorHost } = settings;
  await new Promise<void>((done, failed) => {
    http.server.once("error", (error) => failed(portError(error, "REPRISE_COLLECTOR_PORT", collectorPort)));
    http.server.listen(collectorPort, collectorHost, done);
  });
  const address = http.server.address();
  return typeof address === "object" && address ? address.port : collectorPort;
}

/** Opens a port that a setting of 0 switches off; -1, which people cannot set, lets the system choose one. */
async function listenAt(
  setting: number,
  variable: string,
  open: (port: number) => Promise<number>,
): Promise<number | null> {
  if (setting === 0) return null;
  const port = setting === ANY_PORT ? 0 : setting;
  try {
    return await open(port);
  } catch (error) {
    throw portError(error as NodeJS.ErrnoException, variable, port);
  }
}

/** As a port for syslog or statsd: let the system choose. */
export const ANY_PORT = -1;

function portError(error: NodeJS.ErrnoException, variable: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new SettingsError(`Port ${port} is in use: free it or set ${variable}.`);
  if (error.code === "EACCES")
    return new SettingsError(`Port ${port} needs more rights: set ${variable} to another.`);
  return error;
}

import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../lib/runtime/clock.ts";
import { makeFolder } from "../lib/runtime/folder.ts";
import { type Logger, makeLogger } from "../lib/runtime/log.ts";
import { makeMetrics } from "../lib/runtime/metrics.ts";
import { type Settings, SettingsError } from "../lib/runtime/settings.ts";
import { DATABASE_NAME } from "../lib/store/open.ts";
import { openWriteStore } from "../lib/store/open-writer.ts";
import { DEFAULT_TENANT, type WriteStore } from "../lib/store/port.ts";
import { loadConfiguration } from "./configuration.ts";
import { Counters } from "./counters/counters.ts";
import { housekeeping } from "./jobs/housekeeping.ts";
import { Scheduler } from "./jobs/scheduler.ts";
import { Scraper } from "./jobs/scrape.ts";
import { Hasher, loadSecret } from "./pipeline/hasher.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { targetsOf } from "./scrape/target.ts";
import { Formats } from "./sources/formats/configured.ts";
import { HttpTransport } from "./transports/http.ts";
import { IngestRoutes } from "./transports/ingest-routes.ts";
import { SyslogTransport } from "./transports/syslog.ts";
import { tlsFilesOf } from "./transports/syslog-tls-files.ts";

export type Collector = {
  readonly httpPort: number;
  /** null when syslog is switched off. */
  readonly syslogPort: number | null;
  /** null when syslog over TLS is switched off. */
  readonly syslogTlsPort: number | null;
  readonly store: WriteStore;
  /** Reads changed certificate files now, not at the next look. */
  reload(): void;
  /** Stops taking, finishes and commits what was taken, closes. */
  close(): Promise<void>;
};
export type CollectorDeps = { readonly clock?: Clock; readonly log?: Logger };

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
  const formats = Formats.compile(configuration.formats, settings.configFile);
  const targets = targetsOf(configuration.scrape);
  prepareFolder(settings.dataDir);
  const metrics = makeMetrics();
  const store = await openWriteStore({
    file: join(resolve(settings.dataDir), DATABASE_NAME),
    clock,
    tenSecondsMs: settings.retainTenSecondsMs,
    minutesMs: settings.retainMinutesMs,
  });
  const hasher = new Hasher(loadSecret(settings.dataDir));
  const pipeline = new Pipeline({ store, hasher, clock, metrics, log, settings });
  const states = await store.readCounters(DEFAULT_TENANT);
  const counters = new Counters({ pipeline, states, clock, settings });
  const scraper = new Scraper({ counters, pipeline, clock, metrics, log });
  const routes = new IngestRoutes({ pipeline, store, clock, formats, settings });
  const http = new HttpTransport({ routes, pipeline, metrics, log, settings });
  const syslog = new SyslogTransport({ pipeline, clock, metrics, log, formats, settings });
  const scheduler = new Scheduler({ clock, log, metrics });
  try {
    const httpPort = await listen(http, settings);
    const syslogPort = await listenSyslog(syslog, settings);
    const syslogTlsPort = await listenSyslogTls(syslog, settings);
    scheduler.start(housekeeping(store, settings, metrics));
    scraper.start(targets);
    const close = async (): Promise<void> => {
      await Promise.all([http.drain(), syslog.drain(), scraper.stop()]);
      await pipeline.drain();
      await scheduler.stop();
      await store.close();
    };
    const reload = (): void => syslog.reloadCertificates();
    return { httpPort, syslogPort, syslogTlsPort, store, reload, close };
  } catch (error) {
    http.server.close();
    await syslog.drain();
    await store.close();
    throw error;
  }
}

/** Runs a collector until SIGTERM or SIGINT, as a process of its own. */
export async function runCollectorProcess(settings: Settings): Promise<void> {
  const log = makeLogger(settings.logLevel);
  const collector = await runCollector(settings, { log });
  const { httpPort, syslogPort, syslogTlsPort } = collector;
  log.info({ http: httpPort, syslog: syslogPort, syslogTls: syslogTlsPort }, "collector ready");
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

/** Port -1 cannot be set by people; 0 switches syslog off, except where a test asks the system for a port. */
async function listenSyslog(syslog: SyslogTransport, settings: Settings): Promise<number | null> {
  if (settings.syslogPort === 0) return null;
  const port = settings.syslogPort === ANY_PORT ? 0 : settings.syslogPort;
  try {
    return await syslog.listen(port, settings.collectorHost);
  } catch (error) {
    throw portError(error as NodeJS.ErrnoException, "REPRISE_SYSLOG_PORT", port);
  }
}

async function listenSyslogTls(syslog: SyslogTransport, settings: Settings): Promise<number | null> {
  if (settings.syslogTlsPort === 0) return null;
  const port = settings.syslogTlsPort === ANY_PORT ? 0 : settings.syslogTlsPort;
  try {
    return await syslog.listenTls(port, settings.collectorHost, tlsFilesOf(settings));
  } catch (error) {
    throw portError(error as NodeJS.ErrnoException, "REPRISE_SYSLOG_TLS_PORT", port);
  }
}

/** As `syslogPort` and `syslogTlsPort`: let the system choose. */
export const ANY_PORT = -1;

function portError(error: NodeJS.ErrnoException, variable: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new SettingsError(`Port ${port} is in use: free it or set ${variable}.`);
  if (error.code === "EACCES")
    return new SettingsError(`Port ${port} needs more rights: set ${variable} to another.`);
  return error;
}

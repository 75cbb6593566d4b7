import { hostname } from "node:os";
import { LOOK_MS, NOTE_MS, TokenBook } from "../lib/people/token-book.ts";
import { type Clock, systemClock } from "../lib/runtime/clock.ts";
import { makeFolder } from "../lib/runtime/folder.ts";
import { WorldError } from "../lib/runtime/invariant.ts";
import { type Logger, makeLogger } from "../lib/runtime/log.ts";
import { makeMetrics } from "../lib/runtime/metrics.ts";
import { isLoopback, type Networks, networksOf } from "../lib/runtime/networks.ts";
import { OwnHandshakes } from "../lib/runtime/own-handshakes.ts";
import { loadSecret } from "../lib/runtime/secret.ts";
import { type Settings, SettingsError } from "../lib/runtime/settings.ts";
import { httpTlsFiles, syslogTlsFiles } from "../lib/runtime/tls-files.ts";
import { openingOf } from "../lib/store/open.ts";
import { openWriteStore } from "../lib/store/open-writer.ts";
import { DEFAULT_TENANT, type WriteStore } from "../lib/store/port.ts";
import { Admission } from "./access/admission.ts";
import { ClientCertificates } from "./access/client-certificates.ts";
import { startAlerting } from "./alerting/alerting.ts";
import { loadConfiguration } from "./configuration.ts";
import { forwardConfigOf } from "./forward/config.ts";
import { Forwarder } from "./forward/forwarder.ts";
import { housekeeping } from "./jobs/housekeeping.ts";
import { ownTelemetry } from "./jobs/own-handshakes.ts";
import { Scheduler } from "./jobs/scheduler.ts";
import { Scraper } from "./jobs/scrape.ts";
import { Tenants } from "./jobs/tenants.ts";
import { Hasher } from "./pipeline/hasher.ts";
import { probeTargetsOf } from "./probe/target.ts";
import { makeReception, Receptions } from "./reception.ts";
import { targetsOf } from "./scrape/target.ts";
import { Formats } from "./sources/formats/configured.ts";
import { HttpTransport } from "./transports/http.ts";
import { StatsdTransport } from "./transports/statsd.ts";
import { SyslogTransport } from "./transports/syslog.ts";

export type Collector = {
  readonly httpPort: number;
  /** null when syslog is switched off. */
  readonly syslogPort: number | null;
  /** null when syslog over TLS is switched off. */
  readonly syslogTlsPort: number | null;
  /** null when statsd is switched off. */
  readonly statsdPort: number | null;
  readonly store: WriteStore;
  /** Lets detection judge what has come by now, and not at its next look: where time passes faster than it looks. */
  detect(): Promise<void>;
  /** Reads changed certificate files now, not at the next look. */
  reload(): void;
  /** Stops taking, finishes and commits what was taken, closes. */
  close(): Promise<void>;
};
export type CollectorDeps = { readonly clock?: Clock; readonly log?: Logger };

const HOUR_MS = 3_600_000;

/** Starts a collector. Throws SettingsError, in one sentence, when a port is in use, the data folder unwritable, or the store unfit. */
export async function runCollector(settings: Settings, deps: CollectorDeps = {}): Promise<Collector> {
  const clock = deps.clock ?? systemClock;
  const log = deps.log ?? makeLogger(settings.logLevel);
  const allowed = allowedSenders(settings);
  const forwardConfig = forwardConfigOf(settings);
  const configuration = loadConfiguration(settings.configFile);
  const metrics = makeMetrics();
  const formats = Formats.compile(configuration.formats, settings.configFile, (source, error) => {
    metrics.decoderMistakes.inc({ source });
    log.error({ source, error: error.stack }, "a decoder made a mistake with a line");
  });
  const targets = targetsOf(configuration.scrape, settings.configFile);
  const probed = probeTargetsOf(configuration.probe, settings.configFile);
  prepareFolder(settings.dataDir);
  const opening = openingOf(settings);
  const store = await openWriteStore({ ...opening, clock }).catch((error: unknown) => {
    throw error instanceof WorldError ? new SettingsError(error.message) : error;
  });
  const secret = loadSecret(settings.dataDir);
  const hasher = new Hasher(secret);
  const thread = { ...opening, warmUpHours: settings.detectWarmUpMs / HOUR_MS };
  const tenants = new Tenants({
    store,
    hasher,
    secret,
    settings,
    configuration,
    thread,
    clock,
    metrics,
    log,
  });
  const receiving = { store, hasher, clock, metrics, log, settings, formats };
  const hears = tenants.hears.bind(tenants);
  const forwarder =
    forwardConfig &&
    (await new Forwarder({
      ...{ config: forwardConfig, tenant: DEFAULT_TENANT, store, clock, metrics, log },
    }).start());
  const own = await makeReception(DEFAULT_TENANT, receiving, {
    ...hears(DEFAULT_TENANT),
    ...(forwarder ? { forwarding: forwarder } : {}),
  });
  const { pipeline, counters, points } = own;
  const receptions = new Receptions(DEFAULT_TENANT, own, receiving, hears);
  const scraper = new Scraper({ counters, pipeline, clock, metrics, log });
  const tokens = new TokenBook(store, clock);
  await tokens.refresh();
  const certificates = await ClientCertificates.resolve(configuration.clients, (name) =>
    store.tokens.findTenant(name),
  );
  const admission = new Admission({ tokens, certificates, clock, metrics, settings });
  const tls = httpTlsFiles(settings);
  if (tls === null && !isLoopback(settings.collectorHost))
    log.warn("the HTTP port is open beyond loopback without TLS: whoever is on the way can read tokens");
  const seen = new OwnHandshakes("reprise-collector", hostname());
  const http = new HttpTransport({
    ...{ receptions, admission, tls, own: seen, clock, metrics, log, settings },
    forwarding: () => forwarder?.health ?? null,
  });
  const statsd = new StatsdTransport({ points, pipeline, allowed, clock, metrics, log });
  const syslog = new SyslogTransport({
    ...{ receptions, certificates, allowed, clock, metrics, log, formats, settings },
  });
  const scheduler = new Scheduler({ clock, log, metrics });
  try {
    const httpPort = await listen(http, settings);
    const host = settings.collectorHost;
    const syslogPort = await listenAt(settings.syslogPort, "REPRISE_SYSLOG_PORT", (port) =>
      syslog.listen(port, host),
    );
    const syslogTlsPort = await listenAt(settings.syslogTlsPort, "REPRISE_SYSLOG_TLS_PORT", (port) =>
      syslog.listenTls(port, host, syslogTlsFiles(settings)),
    );
    const statsdPort = await listenAt(settings.statsdPort, "REPRISE_STATSD_PORT", (port) =>
      statsd.listen(port, host),
    );
    const alerting = await startAlerting({ store, secret, settings, clock, metrics, log });
    scheduler.start([
      ...housekeeping(store, settings, metrics),
      ...alerting,
      tenants.job,
      ...(settings.watchItself ? [ownTelemetry(seen, pipeline)] : []),
      { name: "tokens", everyMs: LOOK_MS, run: () => tokens.refresh() },
      { name: "uses of tokens", everyMs: NOTE_MS, run: () => tokens.noteUses() },
    ]);
    scraper.start(targets);
    await tenants.start(receptions, probed);
    const close = async (): Promise<void> => {
      await Promise.all([http.drain(), syslog.drain(), statsd.drain(), scraper.stop(), tenants.stop()]);
      await receptions.drain();
      await scheduler.stop();
      await tokens.noteUses();
      await forwarder?.stop();
      await store.close();
    };
    const reload = (): void => {
      syslog.reloadCertificates();
      http.reloadCertificates();
    };
    const detect = (): Promise<void> => tenants.detect(DEFAULT_TENANT);
    return { httpPort, syslogPort, syslogTlsPort, statsdPort, store, detect, reload, close };
  } catch (error) {
    http.server.close();
    await Promise.all([syslog.drain(), statsd.drain(), forwarder?.stop()]);
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
  if (syslogTlsPort !== null || settings.collectorTlsCert !== "")
    process.on("SIGHUP", () => collector.reload());
}

/** Who may send what carries no token; null: everyone, who then is on this machine. Throws SettingsError. */
function allowedSenders(settings: Settings): Networks | null {
  const { collectorHost, syslogPort, statsdPort, syslogAllow, syslogTlsPort, syslogTlsCa } = settings;
  const allowed = networksOf("REPRISE_SYSLOG_ALLOW", syslogAllow);
  if (isLoopback(collectorHost)) return allowed;
  if (allowed === null && (syslogPort !== 0 || statsdPort !== 0))
    throw new SettingsError(
      `REPRISE_COLLECTOR_HOST is ${collectorHost}, so that anyone could send syslog and statsd: name their networks in REPRISE_SYSLOG_ALLOW, or set REPRISE_SYSLOG_PORT=0 and REPRISE_STATSD_PORT=0.`,
    );
  if (syslogTlsPort !== 0 && syslogTlsCa === "")
    throw new SettingsError(
      `REPRISE_COLLECTOR_HOST is ${collectorHost}, so syslog over TLS needs client certificates: set REPRISE_SYSLOG_TLS_CA.`,
    );
  return allowed;
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

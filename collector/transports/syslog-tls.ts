import { randomBytes } from "node:crypto";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import { type MessageSink, SyslogStreams } from "./syslog-stream.ts";
import { readTlsFiles, type TlsFiles, type TlsMaterial, tlsFilesState } from "./syslog-tls-files.ts";

/** A client that has not finished its handshake by then is cut off. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The files are looked at this often; SIGHUP looks at once. */
const LOOK_MS = 10_000;
/** Sessions can be resumed for two hours, twice as long as an idle connection stays open. */
const SESSION_TIMEOUT_S = 7_200;
/** Node takes one ticket key and no previous ones: each rotation costs every client one full handshake. */
const TICKET_KEY_LIFE_MS = 12 * 3_600_000;
const TICKET_KEY_BYTES = 48;

export type SyslogTlsOptions = {
  readonly files: TlsFiles;
  readonly sink: MessageSink;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/**
 * Syslog over TLS 1.2 and 1.3 (RFC 5425), with client certificates where a CA is set. Clients resume by ticket: the
 * ticket key lives in memory only, outlives changes of the certificate, and is replaced every 12 hours and whenever the
 * CA changes, so that nobody resumes a session which the new CA would not have allowed.
 */
export class SyslogTls {
  readonly #options: SyslogTlsOptions;
  readonly #server: Server;
  readonly #streams: SyslogStreams;
  #material: TlsMaterial;
  /** State of the files when they were last read, whether or not they could be used. */
  #state: string;
  #ticketKeyMadeMs: number;
  #timer: NodeJS.Timeout | null = null;

  /** Throws SettingsError where the files cannot be used. */
  constructor(options: SyslogTlsOptions) {
    this.#options = options;
    this.#state = tlsFilesState(options.files);
    this.#material = readTlsFiles(options.files);
    this.#ticketKeyMadeMs = options.clock();
    this.#server = createServer({
      ...contextOf(this.#material, randomBytes(TICKET_KEY_BYTES)),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: options.files.ca !== "",
      rejectUnauthorized: options.files.ca !== "",
    });
    this.#streams = new SyslogStreams(this.#server, options.sink);
    this.#server.on("secureConnection", (socket) => this.#accept(socket));
    this.#server.on("tlsClientError", (error, socket) => this.#refuse(error, socket));
  }

  /** Listens, and looks after the files from now on. Answers the port. */
  async listen(port: number, host: string): Promise<number> {
    const bound = await this.#streams.listen(port, host);
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    return bound;
  }

  /** Takes changed files for new connections; where they cannot be used the old ones stay. */
  reload(): void {
    const { files, metrics, log } = this.#options;
    const state = tlsFilesState(files);
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#use(readTlsFiles(files));
      metrics.syslogTlsReloads.inc({ result: "ok" });
      log.info({ file: files.cert }, "syslog over TLS uses new files");
    } catch (error) {
      metrics.syslogTlsReloads.inc({ result: "failed" });
      log.error({ error: (error as Error).message }, "syslog over TLS keeps its old files");
    }
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#streams.close();
  }

  #look(): void {
    this.reload();
    if (this.#options.clock() - this.#ticketKeyMadeMs >= TICKET_KEY_LIFE_MS) this.#use(this.#material, true);
  }

  #use(material: TlsMaterial, freshTicketKey = !sameCa(material, this.#material)): void {
    const ticketKey = freshTicketKey ? randomBytes(TICKET_KEY_BYTES) : this.#server.getTicketKeys();
    this.#server.setSecureContext(contextOf(material, ticketKey));
    this.#material = material;
    if (freshTicketKey) this.#ticketKeyMadeMs = this.#options.clock();
  }

  #accept(socket: TLSSocket): void {
    const outcome = socket.isSessionReused() ? "resumed" : "full";
    this.#options.metrics.syslogTlsHandshakes.inc({ outcome });
    this.#streams.serve(socket, subjectOf(socket));
  }

  #refuse(error: Error, socket: TLSSocket): void {
    this.#options.metrics.syslogTlsHandshakes.inc({ outcome: "failed" });
    const problem = socket.authorizationError ?? error;
    this.#options.log.debug({ error: String(problem) }, "syslog over TLS: the handshake failed");
    socket.destroy();
  }
}

function contextOf({ cert, key, ca }: TlsMaterial, ticketKeys: Buffer) {
  return {
    cert,
    key,
    ...(ca ? { ca } : {}),
    minVersion: "TLSv1.2" as const,
    sessionTimeout: SESSION_TIMEOUT_S,
    ticketKeys,
  };
}

function sameCa(one: TlsMaterial, other: TlsMaterial): boolean {
  return one.ca === other.ca || (one.ca !== null && other.ca !== null && one.ca.equals(other.ca));
}

/** The common name of the client's certificate; null where it showed none. */
function subjectOf(socket: TLSSocket): string | null {
  const names: string | string[] | undefined = socket.getPeerCertificate()?.subject?.CN;
  const name = Array.isArray(names) ? names[0] : names;
  return name ? name : null;
}

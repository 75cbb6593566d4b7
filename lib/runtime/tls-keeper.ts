import { randomBytes } from "node:crypto";
import type { Server, TLSSocket } from "node:tls";
import type { Clock } from "./clock.ts";
import type { Logger } from "./log.ts";
import { readTlsFiles, type TlsFiles, type TlsMaterial, tlsFilesState } from "./tls-files.ts";

/** A client that has not finished its handshake by then is cut off. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The files are looked at this often; SIGHUP looks at once. */
const LOOK_MS = 10_000;
/** Sessions can be resumed for two hours, twice as long as an idle connection stays open. */
const SESSION_TIMEOUT_S = 7_200;
/** Node takes one ticket key and no previous ones: each rotation costs every client one full handshake. */
const TICKET_KEY_LIFE_MS = 12 * 3_600_000;
const TICKET_KEY_BYTES = 48;

export type TlsKeeperOptions = {
  /** What listens, for the log. */
  readonly what: string;
  readonly files: TlsFiles;
  /** Whether a client whose certificate our CA does not vouch for is refused in the handshake; later where not. */
  readonly mustVerify: boolean;
  readonly handshakes: { inc(labels: { readonly outcome: "resumed" | "full" | "failed" }): void };
  readonly reloads: { inc(labels: { readonly result: "ok" | "failed" }): void };
  /** Hears of each completed handshake. */
  readonly seen?: (socket: TLSSocket) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Looks after the TLS of a listener (1.2 and 1.3): counts its handshakes and takes changed files. Clients resume by ticket:
 * the ticket key lives in memory only, outlives changes of the certificate, and is replaced every 12 hours and whenever
 * the CA or its revocations change, so that nobody resumes a session which would not be allowed any more.
 */
export class TlsKeeper {
  readonly #options: TlsKeeperOptions;
  #server: Server | null = null;
  #material: TlsMaterial;
  /** State of the files when they were last read, whether or not they could be used. */
  #state: string;
  #ticketKeyMadeMs: number;
  #timer: NodeJS.Timeout | null = null;

  /** Throws SettingsError where the files cannot be used. */
  constructor(options: TlsKeeperOptions) {
    this.#options = options;
    this.#state = tlsFilesState(options.files);
    this.#material = readTlsFiles(options.files);
    this.#ticketKeyMadeMs = options.clock();
  }

  /** What the server is to be made with. */
  serverOptions() {
    const { files, mustVerify } = this.#options;
    return {
      ...contextOf(this.#material, randomBytes(TICKET_KEY_BYTES)),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: files.ca !== "",
      rejectUnauthorized: files.ca !== "" && mustVerify,
    };
  }

  /** Looks after this server from now on. */
  keep(server: Server): void {
    const { handshakes, seen } = this.#options;
    this.#server = server;
    server.on("secureConnection", (socket) => {
      handshakes.inc({ outcome: socket.isSessionReused() ? "resumed" : "full" });
      seen?.(socket);
    });
    server.on("tlsClientError", (error, socket) => this.#refuse(error, socket));
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Takes changed files for new connections; where they cannot be used the old ones stay. */
  reload(): void {
    const { files, reloads, log, what } = this.#options;
    const state = tlsFilesState(files);
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#use(readTlsFiles(files));
      reloads.inc({ result: "ok" });
      log.info({ file: files.cert }, `${what} uses new files`);
    } catch (error) {
      reloads.inc({ result: "failed" });
      log.error({ error: (error as Error).message }, `${what} keeps its old files`);
    }
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  #look(): void {
    this.reload();
    if (this.#options.clock() - this.#ticketKeyMadeMs >= TICKET_KEY_LIFE_MS) this.#use(this.#material, true);
  }

  #use(material: TlsMaterial, freshTicketKey = !sameClients(material, this.#material)): void {
    const kept = freshTicketKey ? undefined : this.#server?.getTicketKeys();
    this.#server?.setSecureContext(contextOf(material, kept ?? randomBytes(TICKET_KEY_BYTES)));
    this.#material = material;
    if (freshTicketKey) this.#ticketKeyMadeMs = this.#options.clock();
  }

  #refuse(error: Error, socket: TLSSocket): void {
    const { handshakes, log, what } = this.#options;
    handshakes.inc({ outcome: "failed" });
    const problem = socket.authorizationError ?? error;
    log.debug({ error: String(problem) }, `${what}: the handshake failed`);
    socket.destroy();
  }
}

function contextOf({ cert, key, ca, crl }: TlsMaterial, ticketKeys: Buffer) {
  return {
    cert,
    key,
    ...(ca ? { ca } : {}),
    ...(crl ? { crl } : {}),
    minVersion: "TLSv1.2" as const,
    sessionTimeout: SESSION_TIMEOUT_S,
    ticketKeys,
  };
}

/** Whether the same clients are let in. */
function sameClients(one: TlsMaterial, other: TlsMaterial): boolean {
  return same(one.ca, other.ca) && same(one.crl, other.crl);
}

const same = (one: Buffer | null, other: Buffer | null): boolean =>
  one === other || (one !== null && other !== null && one.equals(other));

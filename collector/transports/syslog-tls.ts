import { createServer, type TLSSocket } from "node:tls";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { TlsFiles } from "../../lib/runtime/tls-files.ts";
import { TlsKeeper } from "../../lib/runtime/tls-keeper.ts";
import type { ClientCertificates } from "../access/client-certificates.ts";
import { type MessageSink, type Peer, SyslogStreams } from "./syslog-stream.ts";

export type SyslogTlsOptions = {
  readonly files: TlsFiles;
  readonly sink: MessageSink;
  readonly certificates: ClientCertificates;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** Syslog over TLS 1.2 and 1.3 (RFC 5425), with client certificates where a CA is set. */
export class SyslogTls {
  readonly #keeper: TlsKeeper;
  readonly #streams: SyslogStreams;

  /** Throws SettingsError where the files cannot be used. */
  constructor({ files, sink, certificates, clock, metrics, log }: SyslogTlsOptions) {
    this.#keeper = new TlsKeeper({
      ...{ what: "syslog over TLS", files, mustVerify: true, clock, log },
      ...{ handshakes: metrics.syslogTlsHandshakes, reloads: metrics.syslogTlsReloads },
    });
    const server = createServer(this.#keeper.serverOptions());
    this.#streams = new SyslogStreams(server, sink);
    this.#keeper.keep(server);
    server.on("secureConnection", (socket) => {
      const peer = certificates.isEmpty
        ? { node: subjectOf(socket), grant: null }
        : peerOf(socket, certificates);
      if (peer) this.#streams.serve(socket, peer);
      else {
        metrics.syslogDropped.inc({ reason: "not_allowed" });
        socket.destroy();
      }
    });
  }

  /** Listens. Answers the port. */
  listen(port: number, host: string): Promise<number> {
    return this.#streams.listen(port, host);
  }

  /** Takes changed files for new connections; where they cannot be used the old ones stay. */
  reload(): void {
    this.#keeper.reload();
  }

  async close(): Promise<void> {
    this.#keeper.stop();
    await this.#streams.close();
  }
}

/** Whom the configuration file names by the certificate of a connection; null where it may send nothing. */
function peerOf(socket: TLSSocket, certificates: ClientCertificates): Peer | null {
  const certified = certificates.look(socket);
  if (!certified?.grant.scopes.includes("handshakes")) return null;
  return { node: certified.node ?? subjectOf(socket), grant: certified.grant };
}

/** The common name of the client's certificate; null where it showed none. */
function subjectOf(socket: TLSSocket): string | null {
  const names: string | string[] | undefined = socket.getPeerCertificate()?.subject?.CN;
  const name = Array.isArray(names) ? names[0] : names;
  return name ? name : null;
}

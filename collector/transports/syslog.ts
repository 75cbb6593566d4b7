import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, isIPv6 } from "node:net";
import type { Grant } from "../../lib/domain/source-token.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import { Lru } from "../../lib/runtime/lru.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Networks } from "../../lib/runtime/networks.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { TlsFiles } from "../../lib/runtime/tls-files.ts";
import { DEFAULT_TENANT } from "../../lib/store/port.ts";
import type { ClientCertificates } from "../access/client-certificates.ts";
import { emptyIntake, type Intake, refuse, take } from "../pipeline/intake.ts";
import type { Receptions } from "../reception.ts";
import type { Formats } from "../sources/formats/configured.ts";
import { recogniseSource } from "../sources/registry.ts";
import { type LineDecoder, logOrigin, type Source } from "../sources/source.ts";
import { tellListenerErrors } from "./listener-errors.ts";
import { parseSyslogMessage } from "./syslog-message.ts";
import { type MessageSink, NO_PEER, type Peer, SyslogStreams } from "./syslog-stream.ts";
import { SyslogTls } from "./syslog-tls.ts";

/** Messages are committed together after this pause or number, whichever comes first. */
const FLUSH_MS = 200;
const FLUSH_MESSAGES = 2_000;
/** Asked of the kernel for UDP: its default of 208 KiB loses 2.7 % at 60,000 messages a second (PERF B3). */
const UDP_BUFFER_BYTES = 8 * 1024 * 1024;
const MAX_STREAMS = 1_024;

/** Of messages that no source recognises: nothing of them is counted as a handshake. */
const UNKNOWN_ORIGIN = { source: null, system: null, vantage: "log" } as const;

type Transport = "syslog_udp" | "syslog_tcp" | "syslog_tls";
export type SyslogOptions = {
  readonly receptions: Receptions;
  readonly certificates: ClientCertificates;
  /** Who may send without TLS; null: everyone. */
  readonly allowed: Networks | null;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly formats: Formats;
  readonly settings: Pick<Settings, "maxLineBytes" | "maxPastMs" | "maxFutureMs">;
};

/**
 * Syslog over UDP and TCP on one port, and over TLS on another (RFC 3164, 5424, 5425, 6587); streams also take bare
 * JSON lines.
 */
export class SyslogTransport {
  readonly #options: SyslogOptions;
  readonly #tcp: SyslogStreams;
  #udp: UdpSocket | null = null;
  #tls: SyslogTls | null = null;
  readonly #decoders = new Lru<string, LineDecoder>(MAX_STREAMS);
  readonly #intakes = new Map<string, Intake>();
  #messages = 0;
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: SyslogOptions) {
    this.#options = options;
    const server = createServer((socket) => {
      if (this.#isAllowed(socket.remoteAddress)) this.#tcp.serve(socket, NO_PEER);
      else socket.destroy();
    });
    this.#tcp = new SyslogStreams(server, this.#sink("syslog_tcp"));
  }

  /** Listens over TCP and UDP; with port 0 the system chooses one. Answers the port. */
  async listen(port: number, host: string): Promise<number> {
    const bound = await this.#tcp.listen(port, host);
    const udp = createSocket({ type: isIPv6(host) ? "udp6" : "udp4", recvBufferSize: UDP_BUFFER_BYTES });
    udp.on("message", (message, peer) => {
      if (this.#isAllowed(peer.address)) this.#receiveDatagram(message);
    });
    tellListenerErrors(udp, this.#sink("syslog_udp").failed);
    await new Promise<void>((resolve, reject) => {
      udp.once("error", reject).bind(bound, host, () => resolve());
    });
    this.#udp = udp;
    return bound;
  }

  /** Listens over TLS beside. Answers the port. Throws SettingsError where the files cannot be used. */
  async listenTls(port: number, host: string, files: TlsFiles): Promise<number> {
    const { certificates, clock, metrics, log } = this.#options;
    this.#tls = new SyslogTls({ files, certificates, clock, metrics, log, sink: this.#sink("syslog_tls") });
    return this.#tls.listen(port, host);
  }

  /** Looks at once whether the TLS listener's files have changed. */
  reloadCertificates(): void {
    this.#tls?.reload();
  }

  /** Takes what has arrived, makes it durable, and closes. */
  async drain(): Promise<void> {
    this.#udp?.close();
    await Promise.all([this.#tcp.close(), this.#tls?.close()]);
    await this.#flush();
  }

  /** One queue that is full holds everybody back: of a stream only its messages tell whose they are. */
  #isFull(): boolean {
    return this.#options.receptions.isAnyFull;
  }

  /** Counts those who may not send: a datagram each, a connection each. */
  #isAllowed(address: string | undefined): boolean {
    const { allowed, metrics } = this.#options;
    if (allowed === null || (address !== undefined && allowed(address))) return true;
    metrics.syslogDropped.inc({ reason: "not_allowed" });
    return false;
  }

  #sink(transport: Transport): MessageSink {
    const { settings, metrics, log } = this.#options;
    return {
      maxLineBytes: settings.maxLineBytes,
      receive: (message, peer) => this.#receive(transport, message, peer),
      tooLong: (count) => metrics.syslogDropped.inc({ reason: "too_long" }, count),
      broken: (problem) => log.debug({ transport, error: problem }, "syslog connection"),
      failed: (problem) => log.error({ transport, error: problem }, "syslog listener"),
      isFull: () => this.#isFull(),
      flush: () => this.#flush(),
    };
  }

  #receiveDatagram(message: Buffer): void {
    const { settings, metrics } = this.#options;
    if (message.length > settings.maxLineBytes) metrics.syslogDropped.inc({ reason: "too_long" });
    else if (this.#isFull()) metrics.syslogDropped.inc({ reason: "queue_full" });
    else this.#receive("syslog_udp", message.toString("utf8"), NO_PEER);
  }

  #receive(transport: Transport, raw: string, peer: Peer): void {
    const line = raw.replace(/[\r\n]+$/, "");
    const message = parseSyslogMessage(line);
    const text = message?.text ?? line;
    const nowMs = this.#options.clock();
    const { formats } = this.#options;
    const source = recogniseSource(text) ?? formats.recogniseSource(text);
    const node = message?.host ?? peer.node;
    const sender = node ?? "";
    const intake = this.#intake(transport, source, { sender, grant: peer.grant });
    this.#messages += 1;
    if (!source) refuse(intake, this.#messages, { reason: "no source recognises this message", line });
    else {
      const { maxPastMs, maxFutureMs } = this.#options.settings;
      const owner = `${peer.grant?.tenant ?? DEFAULT_TENANT} ${sender}`;
      const decoded = this.#decoder(source.name, owner, () =>
        formats.decoder(source, { endpoint: null, node, region: null, live: true }),
      ).decode(text, nowMs);
      take(intake, decoded, { index: this.#messages, line, window: { nowMs, maxPastMs, maxFutureMs } });
    }
    if (this.#messages >= FLUSH_MESSAGES) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  #intake(
    transport: Transport,
    source: Source | undefined,
    { sender, grant }: { sender: string; grant: Grant | null },
  ): Intake {
    const name = source?.name ?? "unknown";
    const key = JSON.stringify([transport, name, sender, grant?.tenant, grant?.by]);
    const known = this.#intakes.get(key);
    if (known) return known;
    const origin = source ? logOrigin(source) : UNKNOWN_ORIGIN;
    const made = emptyIntake({ source: name, transport, sender }, origin, grant);
    this.#intakes.set(key, made);
    return made;
  }

  #decoder(source: string, owner: string, make: () => LineDecoder): LineDecoder {
    const key = JSON.stringify([source, owner]);
    const decoder = this.#decoders.get(key) ?? make();
    this.#decoders.set(key, decoder);
    return decoder;
  }

  #flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const intakes = [...this.#intakes.values()];
    this.#intakes.clear();
    this.#messages = 0;
    const { receptions, metrics, log } = this.#options;
    const work = intakes.map(async (intake) => {
      try {
        await (await receptions.of(intake.grant?.tenant ?? DEFAULT_TENANT)).pipeline.submit(intake);
      } catch (error) {
        metrics.syslogDropped.inc({ reason: "commit_failed" }, intake.handshakes.length);
        log.error({ error: (error as Error).message }, "syslog messages lost: the commit failed");
      }
    });
    this.#flushing = Promise.all([this.#flushing, ...work]).then(() => undefined);
    return this.#flushing;
  }
}

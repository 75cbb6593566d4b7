import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { SettingsError } from "../../lib/runtime/settings.ts";
import { SyslogFraming } from "../transports/syslog-framing.ts";
import { MAX_LINE_BYTES } from "./followed-file.ts";

/** Asked of the kernel: what arrives while a record is written waits there. */
const UDP_BUFFER_BYTES = 8 * 1024 * 1024;
const MAX_CONNECTIONS = 256;
const IDLE_TIMEOUT_MS = 3_600_000;
/** How often a connection that has to wait looks whether it may go on. */
const WAIT_MS = 100;

export type SyslogSink = {
  /** Whether nothing more can be taken now. */
  isFull(): boolean;
  message(raw: string): void;
  /** A socket failed; it goes on. */
  failed(error: Error): void;
};

/** Syslog over UDP and TCP on one loopback port. UDP cannot wait: when all is full its newest messages are dropped. */
export class SyslogInput {
  /** Messages not taken since the start: the spool was full, or they were too long. */
  dropped = 0;
  readonly #sink: SyslogSink;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();

  constructor(sink: SyslogSink) {
    this.#sink = sink;
    this.#udp = createSocket({ type: "udp4", recvBufferSize: UDP_BUFFER_BYTES });
    this.#udp.on("error", (error) => sink.failed(error));
    this.#udp.on("message", (message) => {
      if (sink.isFull()) this.dropped += 1;
      else sink.message(message.toString("utf8"));
    });
    this.#tcp = createServer((socket) => this.#serve(socket));
    this.#tcp.on("error", (error) => sink.failed(error));
    this.#tcp.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens on both; port 0 lets the system choose. Answers the port. Throws SettingsError when it is taken. */
  async listen(host: string, port: number): Promise<number> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#tcp.once("error", reject).listen(port, host, () => resolve());
      });
      const address = this.#tcp.address();
      const bound = typeof address === "object" && address ? address.port : port;
      await new Promise<void>((resolve, reject) => {
        this.#udp.once("error", reject).bind(bound, host, () => resolve());
      });
      return bound;
    } catch (error) {
      throw new SettingsError(`Syslog cannot listen on ${host}:${port}: ${(error as Error).message}.`);
    }
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#connections) socket.destroy();
  }

  #serve(socket: Socket): void {
    const framing = new SyslogFraming(MAX_LINE_BYTES);
    this.#connections.add(socket);
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
    // What a peer that went away has sent is taken; there is nobody to tell.
    socket.on("error", (error) => this.#sink.failed(error));
    socket.on("data", (chunk) => {
      const { messages, tooLong } = framing.push(chunk as Buffer);
      this.dropped += tooLong;
      for (const message of messages) this.#sink.message(message);
      if (this.#sink.isFull()) this.#wait(socket);
    });
    socket.on("end", () => {
      for (const message of framing.end().messages) this.#sink.message(message);
    });
    socket.on("close", () => this.#connections.delete(socket));
  }

  /** TCP can wait: nothing is read until there is room again. */
  #wait(socket: Socket): void {
    socket.pause();
    const timer = setInterval(() => {
      if (!socket.destroyed && this.#sink.isFull()) return;
      clearInterval(timer);
      socket.resume();
    }, WAIT_MS);
  }
}

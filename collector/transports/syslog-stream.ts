import type { Server, Socket } from "node:net";
import type { Grant } from "../../lib/domain/source-token.ts";
import { tellListenerErrors } from "./listener-errors.ts";
import { SyslogFraming } from "./syslog-framing.ts";

/** Connections of one listener; what comes beyond is closed at once. */
export const MAX_CONNECTIONS = 1_024;
const IDLE_TIMEOUT_MS = 3_600_000;

/** Whom a connection vouches for. */
export type Peer = {
  /** The name of its client certificate; null for none. */
  readonly node: string | null;
  /** What it may write; null: anything of the default tenant. */
  readonly grant: Grant | null;
};
/** One that vouches for nobody. */
export const NO_PEER: Peer = { node: null, grant: null };

/** Where the messages of streams go. */
export type MessageSink = {
  readonly maxLineBytes: number;
  receive(message: string, peer: Peer): void;
  tooLong(count: number): void;
  /** Why a connection broke, for the log. */
  broken(problem: string): void;
  /** What went wrong with the listener itself. */
  failed(problem: string): void;
  /** Whether streams have to wait. */
  isFull(): boolean;
  /** Resolves when there is room again. */
  flush(): Promise<void>;
};

/** One listener for streams, TCP or TLS alike: its connections, cut into messages (RFC 6587, RFC 5425). */
export class SyslogStreams {
  readonly #server: Server;
  readonly #sink: MessageSink;
  /** Every socket as accepted: of TLS those in the middle of a handshake too. */
  readonly #accepted = new Set<Socket>();
  readonly #serving = new Set<Socket>();

  constructor(server: Server, sink: MessageSink) {
    this.#server = server;
    this.#sink = sink;
    server.maxConnections = MAX_CONNECTIONS;
    tellListenerErrors(server, (problem) => sink.failed(problem));
    server.on("connection", (socket: Socket) => {
      this.#accepted.add(socket);
      socket.on("close", () => this.#accepted.delete(socket));
    });
  }

  /** Listens; with port 0 the system chooses one. Answers the port. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, host, () => resolve());
    });
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : port;
  }

  /** Reads messages from a connection until it ends. */
  serve(socket: Socket, peer: Peer): void {
    const sink = this.#sink;
    const framing = new SyslogFraming(sink.maxLineBytes);
    this.#serving.add(socket);
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
    socket.on("error", (error) => sink.broken(error.message));
    socket.on("data", (chunk: Buffer) => {
      const { messages, tooLong } = framing.push(chunk);
      if (tooLong) sink.tooLong(tooLong);
      for (const message of messages) sink.receive(message, peer);
      // A stream can wait: stop reading until the queue has room again.
      if (sink.isFull()) {
        socket.pause();
        void sink.flush().finally(() => socket.resume());
      }
    });
    socket.on("end", () => {
      for (const message of framing.end().messages) sink.receive(message, peer);
    });
    socket.on("close", () => this.#serving.delete(socket));
  }

  /** Ends every connection and resolves when the port is free. */
  async close(): Promise<void> {
    // Where it never listened, it says so by an error that is as good as closed.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const ended = [...this.#serving].map((socket) => {
      const gone = new Promise((resolve) => socket.once("close", resolve));
      socket.destroySoon();
      return gone;
    });
    await Promise.all(ended);
    // What is left is in its handshake and has sent nothing that could be lost.
    for (const socket of this.#accepted) socket.destroy();
    await closed;
  }
}

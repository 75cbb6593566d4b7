import { connect, createServer, type Server, type Socket } from "node:net";

/** What the network does: carries, refuses every connection, or takes bytes and answers nothing. */
export type Weather = "fair" | "cut" | "blackhole";

/** A TCP proxy on loopback whose network can be cut while connections are open. */
export class CuttingProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #weather: Weather = "fair";
  port = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#carry(socket));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve()));
    const address = this.#server.address();
    this.port = typeof address === "object" && address ? address.port : 0;
    return this;
  }

  /** Every change ends the connections that are open. */
  set weather(weather: Weather) {
    this.#weather = weather;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(socket: Socket): void {
    this.#keep(socket);
    if (this.#weather === "cut") {
      socket.destroy();
      return;
    }
    if (this.#weather === "blackhole") {
      socket.resume();
      return;
    }
    const onward = this.#keep(connect(this.#target, "127.0.0.1"));
    socket.pipe(onward);
    onward.pipe(socket);
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

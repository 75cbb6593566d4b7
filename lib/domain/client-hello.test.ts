import { connect, createServer } from "node:net";
import tls from "node:tls";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseClientHello } from "./client-hello.ts";

/** The first bytes of a real client. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const bytes = new Promise<Buffer>((resolve) =>
    server.once("connection", (socket) => socket.once("data", resolve)),
  );
  const raw = connect(port, "127.0.0.1");
  const client = tls.connect({ ...options, socket: raw, rejectUnauthorized: false });
  client.on("error", () => undefined);
  const hello = await bytes;
  client.destroy();
  server.close();
  return hello;
}

it("reads a first visit: no offer, though TLS 1.3 sends a session id", async () => {
  const parsed = parseClientHello(await helloOf({ servername: "shop.example", minVersion: "TLSv1.3" }));
  expect(parsed).toMatchObject({
    offer: "none",
    keyName: null,
    serverName: "shop.example",
    supportsTls13: true,
  });
});

it("asks for more while bytes are missing, and says what is no ClientHello", async () => {
  const hello = await helloOf({ servername: "shop.example" });
  for (const cut of [0, 3, 5, 40, hello.length - 1])
    expect(parseClientHello(hello.subarray(0, cut))).toBe("incomplete");
  expect(parseClientHello(Buffer.from("GET / HTTP/1.1\r\n"))).toBe("invalid");
});

it("never throws, on any bytes and on damaged hellos", async () => {
  const hello = await helloOf({ servername: "shop.example" });
  const known = (bytes: Buffer) => ["object", "string"].includes(typeof parseClientHello(bytes));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(known(Buffer.from(bytes))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
      const damaged = Buffer.from(hello);
      damaged[at] = value;
      expect(known(damaged)).toBe(true);
    }),
  );
});

import { createServer } from "node:tls";
import { expect, it } from "vitest";
import { selfSigned } from "../fleet/certificate.ts";
import { readDer, readOne, wholeOf } from "./der.ts";
import { shakeHands } from "./handshake.ts";
import { decodeSession, isStateful, keyNamesOf, pemOf, type Session } from "./session.ts";

it("reads lengths of every form, and refuses what does not add up", () => {
  const long = Buffer.concat([Buffer.from([0x04, 0x82, 0x01, 0x00]), Buffer.alloc(256, 7)]);
  expect(readOne(long)?.body).toHaveLength(256);
  expect(readDer(Buffer.concat([long, Buffer.from([0x02, 0x01, 0x05])]))?.map(({ tag }) => tag)).toEqual([
    4, 2,
  ]);
  for (const bytes of [
    [0x04],
    [0x04, 0x05, 1],
    [0x04, 0x80],
    [0x04, 0x85, 0, 0, 0, 0, 1],
    [0x1f, 0x01, 0x00],
  ])
    expect(readDer(Buffer.from(bytes))).toBeNull();
  expect(readOne(Buffer.from([0x02, 0x01, 0x05, 0x02, 0x01, 0x05]))).toBeNull();
});

it("reads whole numbers, and no negative or too large ones", () => {
  const whole = (...body: number[]) => wholeOf({ tag: 2, body: Buffer.from(body) });
  expect(whole(0)).toBe(0);
  expect(whole(0, 0xff)).toBe(255);
  expect(whole(0x09, 0x3a, 0x80)).toBe(604_800);
  expect(whole(0xff)).toBeNull();
  expect(whole()).toBeNull();
  expect(whole(1, 0, 0, 0, 0, 0, 0)).toBeNull();
});

it("never throws for bytes that are no session", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let round = 0; round < 5_000; round += 1) {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 80) }, () => Math.floor(random() * 256)),
    );
    if (bytes.length > 0 && round % 2) bytes[0] = 0x30;
    expect(() => decodeSession(bytes)).not.toThrow();
  }
});

it("decodes a real session of each protocol; cut ones are none", async () => {
  const server = createServer(
    { ...selfSigned(["shop.example"], Date.now()), sessionTimeout: 777 },
    (socket) => socket.on("error", () => socket.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  for (const protocol of ["TLSv1.2", "TLSv1.3"] as const) {
    const done = await shakeHands({
      ...{
        host: "127.0.0.1",
        port,
        serverName: "shop.example",
        alpn: [],
        protocol,
        tickets: true,
        session: null,
      },
      ...{
        timeoutMs: 20_000,
        files: { ca: null, cert: null, key: null },
        signal: new AbortController().signal,
      },
    });
    if (!done.ok) throw new Error(done.failure.detail);
    const [session] = done.sessions as [Session];
    expect(session).toMatchObject({ protocol, lifetimeHintS: 777, maxEarlyDataBytes: 0 });
    expect(session.ticket?.length).toBeGreaterThan(100);
    expect(session.secret.length).toBeGreaterThanOrEqual(32);
    expect(pemOf(session)).toMatch(/^-----BEGIN SSL SESSION PARAMETERS-----\n/);
    for (let length = 0; length < session.serialised.length; length += 7)
      expect(decodeSession(session.serialised.subarray(0, length))).toBeNull();
  }
  await new Promise((resolve) => server.close(resolve));
});

it("takes for a key's name only what two tickets have in common", () => {
  const ticket = (name: number, rest: number) =>
    Buffer.concat([Buffer.alloc(16, name), Buffer.alloc(100, rest)]);
  const name = (value: number) => Buffer.alloc(16, value).toString("hex");
  expect(keyNamesOf([ticket(1, 1)])).toEqual([]);
  expect(keyNamesOf([ticket(1, 1), ticket(1, 1)])).toEqual([]);
  expect(keyNamesOf([ticket(1, 1), ticket(1, 2), ticket(2, 3)])).toEqual([name(1)]);
  expect(keyNamesOf([ticket(1, 1), ticket(2, 2), ticket(1, 3), ticket(2, 4)])).toEqual([name(1), name(2)]);
  // References to the server's memory have no name.
  expect(keyNamesOf([Buffer.alloc(32, 1), Buffer.concat([Buffer.alloc(31, 1), Buffer.alloc(1)])])).toEqual(
    [],
  );
});

it("knows a reference to the server's memory by its length", () => {
  const session = { ticket: Buffer.alloc(32) } as unknown as Session;
  expect(isStateful(session)).toBe(true);
  expect(isStateful({ ...session, ticket: Buffer.alloc(160) })).toBe(false);
  expect(isStateful({ ...session, ticket: null })).toBeNull();
});

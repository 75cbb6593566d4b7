import { connect } from "node:net";
import tls from "node:tls";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { WireHandshake } from "../../lib/contract/ingest.ts";
import { selfSigned } from "./certificate.ts";
import { FAMILIES } from "./families.ts";
import { KeyRing } from "./key-ring.ts";
import { LabNode } from "./node.ts";
import { Visitor } from "./visitor.ts";

let seen: WireHandshake[];
let ring: KeyRing;
let nodes: LabNode[];
let aheadMs = 0;
beforeEach(async () => {
  seen = [];
  aheadMs = 0;
  ring = new KeyRing();
  const common = {
    endpoint: "shop.example",
    region: "eu",
    certificate: selfSigned(["shop.example"], Date.now()),
    ring,
    report: (handshake: WireHandshake) => seen.push(handshake),
    clock: () => Date.now() + aheadMs,
  };
  nodes = ["n1", "n2"].map((node) => new LabNode({ ...common, node }));
  await Promise.all(nodes.map((node) => node.listen()));
});
afterEach(() => Promise.all(nodes.map((node) => node.close())));

const family = (protocol: string, tickets: boolean) => {
  const found = FAMILIES.find((each) => each.protocol === protocol && each.tickets === tickets);
  if (!found) throw new Error("no such family");
  return new Visitor(found, () => Date.now() + aheadMs);
};
/** Visits a node and answers what the node reported; client and node have to agree. */
async function visit(visitor: Visitor, node = 0): Promise<string> {
  const resumed = await visitor.visit({ endpoint: "shop.example", port: nodes[node]?.port ?? 0 });
  const last = seen.at(-1);
  expect(last?.outcome).toBe(resumed ? "resumed" : "full");
  return [last?.outcome, last?.offer, last?.mechanism, last?.reason].map((word) => word ?? "-").join(" ");
}
const rotate = (overlapMs: number): void => {
  ring.rotate(Date.now(), overlapMs);
  for (const node of nodes) node.loadKeys();
};

it.each([
  ["TLSv1.3", true, "psk"],
  ["TLSv1.2", true, "ticket"],
  ["TLSv1.2", false, "session_id"],
] as const)("%s, tickets %s: a full handshake, then resumed by %s", async (protocol, tickets, mechanism) => {
  const visitor = family(protocol, tickets);
  expect(await visit(visitor)).toBe("full none - -");
  expect(await visit(visitor)).toBe(`resumed ${mechanism} ${mechanism} -`);
  // Tickets travel between nodes with the same key; a session cache is a node's own.
  expect(await visit(visitor, 1)).toBe(
    tickets ? `resumed ${mechanism} ${mechanism} -` : "full session_id - cache_miss",
  );
});

it.each(["TLSv1.3", "TLSv1.2"])(
  "%s: rotation with overlap harms nobody, without it every ticket dies",
  async (protocol) => {
    const visitor = family(protocol, true);
    const mechanism = protocol === "TLSv1.3" ? "psk" : "ticket";
    await visit(visitor);
    rotate(60_000);
    expect(await visit(visitor)).toBe(`resumed ${mechanism} ${mechanism} -`);
    rotate(0);
    expect(await visit(visitor)).toBe(`full ${mechanism} - unknown_key`);
    expect(await visit(visitor, 1)).toBe(`resumed ${mechanism} ${mechanism} -`);
  },
);

it("a node with keys of its own stays out of step through rotations, until it is put back", async () => {
  const visitor = family("TLSv1.3", true);
  await visit(visitor);
  nodes[1]?.desynchronise();
  rotate(60_000);
  expect(await visit(visitor)).toBe("resumed psk psk -");
  expect(await visit(visitor, 1)).toBe("full psk - unknown_key");
  nodes[1]?.synchronise();
  expect(await visit(visitor, 1)).toBe("full psk - unknown_key");
  expect(await visit(visitor, 0)).toBe("resumed psk psk -");
});

it("tickets off: TLS 1.3 cannot resume, TLS 1.2 goes on by session id", async () => {
  const [modern, tickets, ids] = [
    family("TLSv1.3", true),
    family("TLSv1.2", true),
    family("TLSv1.2", false),
  ] as const;
  for (const visitor of [modern, tickets, ids]) await visit(visitor);
  nodes[0]?.setTickets(false);
  expect(await visit(modern)).toBe("full psk - policy_off");
  expect(await visit(tickets)).toBe("full ticket - policy_off");
  expect(await visit(tickets)).toBe("resumed session_id session_id -");
  expect(await visit(ids)).toBe("resumed session_id session_id -");
  await visit(modern);
  nodes[0]?.setTickets(true);
  // What it was given meanwhile is a random id without a key name: why it is refused, nobody can know.
  expect(await visit(modern)).toBe("full psk - -");
  expect(seen.at(-1)?.keyName).toBeNull();
  expect(await visit(modern)).toBe("resumed psk psk -");
});

it("knows the age of a session that it keeps, and no ticket's; an emptied cache refuses", async () => {
  const [ids, tickets] = [family("TLSv1.2", false), family("TLSv1.2", true)];
  await visit(ids);
  await visit(tickets);
  aheadMs = 42_000;
  expect(await visit(ids)).toBe("resumed session_id session_id -");
  expect([42, 43]).toContain(seen.at(-1)?.ticketAgeS);
  await visit(tickets);
  expect(seen.at(-1)?.ticketAgeS).toBeNull();
  nodes[0]?.flushSessions();
  expect(await visit(ids)).toBe("full session_id - cache_miss");
});

it("reports a handshake without a request, a connection that is no TLS once, a port check never", async () => {
  const port = nodes[0]?.port ?? 0;
  const client = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => client.end());
  client.on("data", () => undefined);
  await vi.waitFor(() => expect(seen).toMatchObject([{ outcome: "full", userAgent: null, ttfbUs: null }]));
  for (const bytes of ["", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01"]) {
    const raw = connect(port, "127.0.0.1", () => raw.end(bytes, "latin1"));
    raw.on("data", () => undefined);
    await new Promise((resolve) => raw.on("error", () => undefined).on("close", resolve));
  }
  const alerts = [expect.stringMatching(/^ERR_SSL_/), "closed within the ClientHello"];
  await vi.waitFor(() => expect(seen.slice(1).map(({ alert }) => alert)).toEqual(alerts));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(seen.length).toBe(3);
});

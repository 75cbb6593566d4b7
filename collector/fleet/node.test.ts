import { afterEach, beforeEach, expect, it } from "vitest";
import type { WireHandshake } from "../../lib/contract/ingest.ts";
import { selfSigned } from "./certificate.ts";
import { FAMILIES } from "./families.ts";
import { KeyRing } from "./key-ring.ts";
import { LabNode } from "./node.ts";
import { Visitor } from "./visitor.ts";

let seen: WireHandshake[];
let ring: KeyRing;
let nodes: LabNode[];
beforeEach(async () => {
  seen = [];
  ring = new KeyRing();
  const common = {
    endpoint: "shop.example",
    region: "eu",
    certificate: selfSigned(["shop.example"], Date.now()),
    ring,
    report: (handshake: WireHandshake) => seen.push(handshake),
    clock: Date.now,
  };
  nodes = ["n1", "n2"].map((node) => new LabNode({ ...common, node }));
  await Promise.all(nodes.map((node) => node.listen()));
});
afterEach(() => Promise.all(nodes.map((node) => node.close())));

const family = (protocol: string, tickets: boolean) => {
  const found = FAMILIES.find((each) => each.protocol === protocol && each.tickets === tickets);
  if (!found) throw new Error("no such family");
  return new Visitor(found);
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

it("a node with keys of its own, tickets switched off, an emptied cache: each refuses for its own reason", async () => {
  const visitor = family("TLSv1.3", true);
  await visit(visitor);
  nodes[1]?.desynchronise();
  expect(await visit(visitor, 1)).toBe("full psk - unknown_key");
  nodes[1]?.setTickets(false);
  expect(await visit(visitor, 1)).toBe("full psk - policy_off");
  const old = family("TLSv1.2", false);
  await visit(old);
  nodes[0]?.flushSessions();
  expect(await visit(old)).toBe("full session_id - cache_miss");
});

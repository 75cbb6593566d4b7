/** A made-up day of clients and their tickets, with the benign things that look like misuse of them. Seeded. */
import { type Handshake, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";

export const BEGIN_MS = Date.UTC(2026, 10, 24, 8);
const HOUR_MS = 3_600_000;

/** Numbers in [0, 1) from a seed (xorshift32). */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

export type FleetShape = {
  readonly clients: number;
  /** Networks that most clients share (CGNAT, companies). */
  readonly networks: number;
  /** Share of clients that move between networks, and how often an hour. */
  readonly roaming: number;
  readonly movesAnHour: number;
  /** Share that leaves through a pool of networks, another one with each connection (egress proxies). */
  readonly pooled: number;
  /** Share with TLS 1.2, whose tickets are reused by parallel connections until they are replaced. */
  readonly tls12: number;
  /** Visits of a client an hour, and connections of each. */
  readonly visitsAnHour: number;
};
export const CGNAT: FleetShape = {
  clients: 4_000,
  networks: 40,
  roaming: 0.2,
  movesAnHour: 1,
  pooled: 0,
  tls12: 0.25,
  visitsAnHour: 1.5,
};

type Client = {
  readonly family: string;
  readonly tls12: boolean;
  readonly roams: boolean;
  readonly pool: number;
  readonly endpoint: string;
  network: number;
  ticket: string;
  issuedMs: number;
};

const FAMILIES = ["chrome", "safari", "firefox", "ios", "android", "java"];
const address = (network: number, host: number): string =>
  `10.${network >> 8}.${network & 255}.${1 + (host % 250)}`;

/** Handshakes in the order of time. A ticket is accepted as a rule, and now and then its key has gone. */
export function* ticketTraffic(shape: FleetShape, hours: number, seed: number): Generator<Handshake> {
  const random = seeded(seed);
  const pick = (n: number): number => Math.floor(random() * n);
  let serial = 0;
  const clients = Array.from(
    { length: shape.clients },
    (): Client => ({
      family: FAMILIES[pick(FAMILIES.length)] ?? "chrome",
      tls12: random() < shape.tls12,
      roams: random() < shape.roaming,
      pool: random() < shape.pooled ? 1 + pick(3) : 0,
      endpoint: random() < 0.7 ? "shop.example" : "api.example",
      network: pick(shape.networks),
      ticket: "",
      issuedMs: 0,
    }),
  );
  const visits = shape.clients * shape.visitsAnHour * hours;
  for (let visit = 0; visit < visits; visit += 1) {
    const visitMs = BEGIN_MS + (visit / visits) * hours * HOUR_MS;
    const which = pick(shape.clients);
    const client = clients[which] as Client;
    if (client.roams && random() < shape.movesAnHour / shape.visitsAnHour) client.network = pick(2_000);
    const connections = 1 + pick(client.tls12 ? 4 : 2);
    for (let i = 0; i < connections; i += 1) {
      if (client.pool > 0) client.network = 60_000 + client.pool * 100 + pick(24);
      const atMs = Math.round(visitMs + i * 40);
      const has = client.ticket !== "" && atMs - client.issuedMs < 6 * HOUR_MS;
      const accepted = has && random() < 0.97;
      const mechanism = client.tls12 ? "ticket" : "psk";
      yield {
        ...UNKNOWN_HANDSHAKE,
        atMs,
        endpoint: client.endpoint,
        node: `edge-${pick(4)}`,
        family: client.family,
        protocol: client.tls12 ? "TLSv1.2" : "TLSv1.3",
        outcome: accepted ? "resumed" : "full",
        offer: has ? mechanism : "none",
        mechanism: accepted ? mechanism : null,
        reason: has && !accepted ? "unknown_key" : null,
        handshakeUs: 1_500 + pick(2_000),
        ticketId: has ? client.ticket : null,
        client: address(client.network, which),
      };
      // TLS 1.3 gives a new ticket with every connection; TLS 1.2 when the old one was not taken. Parallel TLS 1.3 connections share one now and then.
      if (!accepted || (!client.tls12 && random() < 0.97)) {
        serial += 1;
        client.ticket = `ticket-${serial}`;
        client.issuedMs = atMs;
      }
    }
  }
}

/** One stolen ticket, offered from many networks. */
export function theft(
  at: { readonly fromMs: number; readonly everyMs: number; readonly networks: number },
  part: Partial<Handshake> = {},
): Handshake[] {
  return Array.from({ length: at.networks }, (_, i) => ({
    ...UNKNOWN_HANDSHAKE,
    atMs: at.fromMs + i * at.everyMs,
    endpoint: "shop.example",
    node: `edge-${i % 4}`,
    family: "chrome",
    protocol: "TLSv1.2",
    outcome: "resumed",
    offer: "ticket",
    mechanism: "ticket",
    ticketId: "stolen-ticket",
    client: `198.${51 + (i >> 8)}.${i & 255}.7`,
    ...part,
  }));
}

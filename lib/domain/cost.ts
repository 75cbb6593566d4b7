/** CPU of handshakes (DOMAIN.md 3.3, measured with openssl s_server): what resuming saves, and what a drop costs (5.4). */
import type { Protocol } from "./vocabulary.ts";

/** Server user CPU in microseconds a handshake. */
export type Cost = { readonly fullUs: number; readonly resumedUs: number };
/** Protocols with costs of their own; those before TLS 1.2 cost as TLS 1.2. */
export const COSTED_PROTOCOLS = ["TLSv1.2", "TLSv1.3"] as const;
export type CostedProtocol = (typeof COSTED_PROTOCOLS)[number];

/** The editable cost table: `costs` in the file that REPRISE_CONFIG names (lib/runtime/costs.ts). */
export type CostTable = {
  /** Costs by certificate type ("rsa_2048") and protocol. */
  readonly cpuUs: Readonly<Record<string, Readonly<Record<CostedProtocol, Cost>>>>;
  /** Certificate type of every endpoint that is not named. */
  readonly certificate: string;
  /** Certificate type by endpoint. */
  readonly endpoints: Readonly<Record<string, string>>;
};

/**
 * The table of DOMAIN.md 3.3. Where nobody says which certificate is served, the cheaper ECDSA P-256 is taken, so that
 * what is saved or at risk is a lower bound.
 */
export const DEFAULT_COSTS: CostTable = {
  cpuUs: {
    rsa_2048: { "TLSv1.2": { fullUs: 760, resumedUs: 187 }, "TLSv1.3": { fullUs: 880, resumedUs: 387 } },
    ecdsa_p256: { "TLSv1.2": { fullUs: 453, resumedUs: 200 }, "TLSv1.3": { fullUs: 680, resumedUs: 427 } },
  },
  certificate: "ecdsa_p256",
  endpoints: {},
};

/** Handshakes of one protocol at one endpoint. Parts that are not known: the table's own certificate, and TLS 1.2. */
export type Costed = { readonly protocol: Protocol | null; readonly endpoint: string | null };

/** The certificate type that an endpoint serves, as far as the table says. */
export function certificateOf(endpoint: string | null, table: CostTable): string {
  const named =
    endpoint !== null && Object.hasOwn(table.endpoints, endpoint) ? table.endpoints[endpoint] : null;
  return named ?? table.certificate;
}

/** CPU microseconds that one resumed handshake saves (full - resumed). */
export function savedUs({ protocol, endpoint }: Costed, table: CostTable = DEFAULT_COSTS): number {
  const costs = table.cpuUs[certificateOf(endpoint, table)] ?? table.cpuUs[table.certificate];
  const cost = costs?.[protocol === "TLSv1.3" ? "TLSv1.3" : "TLSv1.2"];
  return cost ? cost.fullUs - cost.resumedUs : 0;
}

/**
 * Cores that handshakes cost more (or, counted as resumed, saved) over a time: sum of count x (full - resumed CPU) / time
 * (DOMAIN 5.4). With `count` = (expected R - R) x C this is the CPU at risk; a part that did better than expected counts
 * against the others. `spanMs` > 0.
 */
export function coresOf(
  parts: readonly (Costed & { readonly count: number })[],
  spanMs: number,
  table: CostTable = DEFAULT_COSTS,
): number {
  const us = parts.reduce((sum, part) => sum + part.count * savedUs(part, table), 0);
  return us / 1_000 / spanMs;
}

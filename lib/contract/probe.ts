/** Targets of the prober as people write them, and what GET /api/probes answers. */
import { z } from "zod";
import {
  MAX_PROBE_NODES,
  PROBE_LIMITS,
  PROBE_PROBLEMS,
  PROBE_STEPS,
  type ProbeSpec,
} from "../domain/probe.ts";
import { MECHANISMS, PROTOCOLS } from "../domain/vocabulary.ts";
import { MAX_NAME } from "./ingest.ts";

/** Most targets that the console takes. */
export const MAX_PROBE_TARGETS = 100;
const ADDRESS = /^(?:\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})):(\d{1,5})$/;
const HOST_NAME =
  /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z][A-Za-z0-9_-]{0,61}$/;

const name = z.string().trim().min(1).max(MAX_NAME);
/** host:port without a scheme. Private addresses are the usual case: a prober connects to the nodes behind a balancer. */
export const probeAddress = z
  .string()
  .refine(
    (text) => ADDRESS.test(text) && inPorts(text),
    "host:port is expected, such as 10.0.0.7:443 or [fd00::7]:443",
  );
const hostName = z.string().regex(HOST_NAME, "a host name is expected, not an address");

function inPorts(text: string): boolean {
  const port = Number(text.slice(text.lastIndexOf(":") + 1));
  return port >= 1 && port <= 65_535;
}

const between = (least: number, most: number) => z.number().int().min(least).max(most);

const limited = (limit: keyof typeof PROBE_LIMITS) => {
  const { least, most, usual } = PROBE_LIMITS[limit];
  return between(least, most).default(usual);
};

/** Fields that the configuration file and the console have in common. */
export const probeFields = {
  serverName: hostName.nullish(),
  otherServerName: hostName.nullish(),
  alpn: z
    .array(
      z
        .string()
        .min(1)
        .max(32)
        .regex(/^[\x21-\x2b\x2d-\x7e]+$/),
    )
    .max(8)
    .default([]),
  nodes: z
    .array(z.strictObject({ name, address: probeAddress }))
    .min(1)
    .max(MAX_PROBE_NODES)
    .refine(
      (nodes) => new Set(nodes.map((node) => node.name)).size === nodes.length,
      "each node's name may stand once",
    ),
  protocols: z
    .array(z.enum(["TLSv1.2", "TLSv1.3"]))
    .min(1)
    .max(2)
    .default(["TLSv1.2", "TLSv1.3"]),
  tryOldProtocols: z.boolean().default(true),
  handshakesPerMinute: limited("handshakesPerMinute"),
  nodesPerRound: limited("nodesPerRound"),
  pairsPerRound: limited("pairsPerRound"),
};

/** A target as the console writes it (POST and PUT). */
export const probeTargetBody = z.strictObject({
  endpoint: name,
  paused: z.boolean().default(false),
  ...probeFields,
  intervalMs: limited("intervalMs"),
  timeoutMs: limited("timeoutMs"),
});
export type ProbeTargetBody = z.infer<typeof probeTargetBody>;

/** What is left of a target's fields for the prober. Without a server name the endpoint is asked for, where it can be one. */
export function specOfBody(body: Omit<ProbeTargetBody, "paused">): ProbeSpec {
  const { endpoint, serverName, otherServerName, ...rest } = body;
  const usual = HOST_NAME.test(endpoint) ? endpoint : null;
  return {
    ...rest,
    serverName: serverName === undefined ? usual : serverName,
    otherServerName: otherServerName ?? null,
  };
}

const count = z.number().int();
const ms = z.number().int();
const mechanismProbe = z.object({
  issued: z.boolean().nullable(),
  accepted: z.boolean().nullable(),
  reason: z.string().nullable(),
  tickets: count.nullable(),
  lifetimeHintS: count.nullable(),
  ticketBytes: count.nullable(),
  stateful: z.boolean().nullable(),
  keyNames: z.array(z.string()),
});

/** What the newest probe of a node found. */
export const nodeProbe = z.object({
  address: z.string(),
  failure: z.object({ problem: z.enum(PROBE_PROBLEMS), detail: z.string() }).nullable(),
  timings: z.array(
    z.object({ step: z.enum(PROBE_STEPS), connectUs: count, handshakeUs: count, resumed: z.boolean() }),
  ),
  protocols: z.partialRecord(z.enum(PROTOCOLS), z.boolean().nullable()),
  protocol: z.enum(PROTOCOLS).nullable(),
  cipher: z.string().nullable(),
  group: z.string().nullable(),
  alpn: z.string().nullable(),
  mechanisms: z.record(z.enum(MECHANISMS), mechanismProbe),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      validFromMs: ms.nullable(),
      validToMs: ms.nullable(),
      keyType: z.string().nullable(),
      keyBits: count.nullable(),
      fingerprint256: z.string(),
      chainLength: count,
      trusted: z.boolean(),
      distrust: z.string().nullable(),
    })
    .nullable(),
  earlyData: z.object({
    maxBytes: count.nullable(),
    accepted: z.boolean().nullable(),
    acceptedTwice: z.boolean().nullable(),
    reason: z.string().nullable(),
  }),
  otherName: z.object({ accepted: z.boolean().nullable(), reason: z.string().nullable() }),
  weakKeys: z.object({ candidates: count, tickets: count, found: z.string().nullable() }).nullable(),
});

const probeSpec = z.object({
  serverName: z.string().nullable(),
  otherServerName: z.string().nullable(),
  alpn: z.array(z.string()),
  nodes: z.array(z.object({ name: z.string(), address: z.string() })),
  intervalMs: ms,
  timeoutMs: ms,
  protocols: z.array(z.enum(["TLSv1.2", "TLSv1.3"])),
  tryOldProtocols: z.boolean(),
  handshakesPerMinute: count,
  nodesPerRound: count,
  pairsPerRound: count,
});

const probeAgreement = z.object({
  mechanism: z.enum(MECHANISMS),
  nodes: z.array(z.string()),
  cells: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      /** null: it could not be told, for `reason`. */
      accepted: z.boolean().nullable(),
      reason: z.string().nullable(),
      atMs: ms,
    }),
  ),
  kind: z.string(),
  /** Nodes that do not fit the others. */
  misfits: z.array(z.string()),
  sentence: z.string(),
});

/** `waiting`: not probed yet; `late`: the newest result is much older than the interval; `partly`: some nodes failed. */
export const PROBE_STATES = ["waiting", "paused", "late", "failing", "partly", "fine"] as const;

export const probesReply = z.object({
  nowMs: ms,
  targets: z.array(
    z.object({
      id: z.string(),
      origin: z.enum(["configuration", "console"]),
      endpoint: z.string(),
      paused: z.boolean(),
      spec: probeSpec,
      state: z.enum(PROBE_STATES),
      lastMs: ms.nullable(),
      /** About when the next round begins; null: paused, or not known yet. */
      nextMs: ms.nullable(),
      lastError: z.string().nullable(),
      nodes: z.array(
        z.object({
          node: z.string(),
          address: z.string(),
          /** null: this node was not probed yet. */
          atMs: ms.nullable(),
          probe: nodeProbe.nullable(),
        }),
      ),
      agreements: z.array(probeAgreement),
    }),
  ),
});
export type ProbesReply = z.infer<typeof probesReply>;
export type ProbeTargetView = ProbesReply["targets"][number];

/** PATCH: pause a target, or go on with it. */
export const probePauseBody = z.strictObject({ paused: z.boolean() });

export const probeTargetReply = z.object({ id: z.string() });

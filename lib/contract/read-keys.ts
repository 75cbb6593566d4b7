/**
 * The contracts of /api/keys: session ticket keys by node, their rotations, coverage, exposure, revocations and agreement.
 * Keys stand here by the keyed hash of their public name (16 hexadecimal digits). Counts are within the window unless said
 * otherwise; times of keys (`firstMs`, `lastMs`) are of all history that is kept.
 */
import { z } from "zod";
import { KEY_ACTIONS, KEY_STATES } from "../domain/keys.ts";
import { windowParams } from "./read.ts";

const ms = z.number().int();
const name = z.string().max(253).optional();
/** A keyed hash as the API shows it. */
const keyHash = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "keyName must be a key as /api/keys names it: 16 hex digits");

/** Window: default the last week. `endpoint` and `node` narrow what is shown; groups are found over all nodes. */
export const keysParams = windowParams.omit({ step: true }).extend({
  endpoint: name,
  node: name,
  format: z.enum(["json", "csv"]).optional(),
});

/** Where keys are held: a node of an endpoint. */
export const keyPlace = z.object({ endpoint: z.string().nullable(), node: z.string().nullable() });
export type KeyPlaceView = z.infer<typeof keyPlace>;

/** When and how often a key was seen in one use at a node; null: never seen so, which does not mean never used so. */
const keyUse = z.object({ firstMs: ms, lastMs: ms, count: z.number().int() }).nullable();

/**
 * How a state is known. `issued`: tickets were seen being made. `accepted`: from tickets that were opened; where issuing
 * cannot be seen (TLS 1.3 on the wire) a new key shows one visit late. `loaded`: the node said so. `refused`: offers that
 * named it were refused, and none was accepted any more. `told`: by an event.
 */
export const KEY_BASES = ["issued", "accepted", "loaded", "refused", "told"] as const;

/** One stretch of a key's life at a node, for drawing: `current` encrypts, `staged` and `previous` decrypt only. */
const keyBar = z.object({
  state: z.enum(["staged", "current", "previous"]),
  fromMs: ms,
  toMs: ms,
  /** Goes on now, as far as is known. */
  open: z.boolean(),
});
export type KeyBarView = z.infer<typeof keyBar>;

export const keyAtPlace = keyPlace.extend({
  /** null: cannot be told (only refusals were seen, or nothing for long). */
  state: z.enum(KEY_STATES).nullable(),
  basis: z.enum(KEY_BASES).nullable(),
  /** Since when it has been in that state, as far as is known. */
  sinceMs: ms.nullable(),
  bars: z.array(keyBar),
  issued: keyUse,
  accepted: keyUse,
  refused: keyUse,
  loaded: keyUse,
});
export type KeyAtPlaceView = z.infer<typeof keyAtPlace>;

export const keyRow = z.object({
  keyName: z.string(),
  /** Number of the group of nodes that shares it; null where only refusals were seen. */
  group: z.number().int().nullable(),
  /** First sign of it anywhere: in use or loaded; null where it was only told of or refused. */
  firstMs: ms.nullable(),
  lastMs: ms.nullable(),
  /** First and last ticket made under it; null where issuing cannot be seen. */
  firstIssuedMs: ms.nullable(),
  lastIssuedMs: ms.nullable(),
  /** Worst of its states: current before staged and previous, before retired, destroyed, revoked; null: unknown. */
  state: z.enum(KEY_STATES).nullable(),
  /** Since its first sign, while it is in use anywhere. */
  ageMs: z.number().nullable(),
  /** Newest ticket lifetime seen with it, seconds. */
  lifetimeS: z.number().int().nullable(),
  places: z.array(keyAtPlace),
});
export type KeyRowView = z.infer<typeof keyRow>;

/** Whether all nodes could open tickets of a new key before any made them (H09). */
const stages = z.object({
  verdict: z.enum(["two_stage", "single_stage", "unknown"]),
  /** Offers of the new key's tickets that were refused while it spread: each a full handshake that need not have been. */
  refused: z.number().int(),
  /** From the first sign anywhere to the first sign at the last node, ms; null where one node is known. */
  spreadMs: z.number().nullable(),
  sentence: z.string(),
});

export const rotationView = z.object({
  id: z.string(),
  group: z.number().int(),
  keyName: z.string(),
  previousKey: z.string().nullable(),
  /** First ticket issued, or accepted where issuing is not seen, under the new key. */
  atMs: ms,
  basis: z.enum(["issued", "accepted"]),
  /** Seen one visit late: the rotation was at `atMs` or before. */
  late: z.boolean(),
  /** At fewer than half of the group's nodes, while the others go on under other keys: a node with keys of its own. */
  local: z.boolean(),
  /** First sign of the new key at each node of the group; null: none yet. */
  nodes: z.array(keyPlace.extend({ firstMs: ms.nullable() })),
  /** Nodes that still make tickets under the previous key, or show no sign of the new one although they are heard. */
  behind: z.array(keyPlace),
  stages,
  /** Whether tickets of the previous key still worked after it. */
  overlap: z.object({
    verdict: z.enum(["kept", "partly", "dropped", "unknown"]),
    accepted: z.number().int(),
    refused: z.number().int(),
    sentence: z.string(),
  }),
  /** The announced change, or the event of this key, that it belongs to; null: nobody announced it. */
  announced: z
    .object({ id: z.string(), by: z.enum(["change", "event"]), atMs: ms, title: z.string() })
    .nullable(),
});
export type RotationView = z.infer<typeof rotationView>;

const verdict = z.enum(["ok", "bad", "unknown"]);

/** Retained keys x period against the ticket lifetime (H08, FM-04). */
const coverage = z.object({
  verdict,
  /** Most keys that still decrypt, the current one included, at the node that holds the fewest; null = not known. */
  keys: z.number().int().nullable(),
  /** Time for which an old ticket can still be opened, seconds: (keys - 1) x period. */
  coveredS: z.number().nullable(),
  lifetimeS: z.number().int().nullable(),
  sentence: z.string(),
});

/** Exposure window (DOMAIN 5.5); over several groups the largest, never an average. */
const exposure = z.object({
  /** Now minus the first sign of the oldest key that is still in use; null: none is known. */
  liveS: z.number().nullable(),
  keyName: z.string().nullable(),
  /** It was in use when records begin: the window is at least this. */
  atLeast: z.boolean(),
  /** Encrypt period + max(ticket lifetime, time that old keys are kept); null: a part is not known. */
  designS: z.number().nullable(),
  encryptPeriodS: z.number().nullable(),
  lifetimeS: z.number().int().nullable(),
  retainedS: z.number().nullable(),
  /** Keys that were in use once, and whose end nobody saw or told of: they may still be held somewhere. */
  unended: z.number().int(),
  sentence: z.string(),
});
export type ExposureView = z.infer<typeof exposure>;

export const keyGroupView = z.object({
  group: z.number().int(),
  title: z.string(),
  endpoints: z.array(z.string().nullable()),
  places: z.array(keyPlace),
  currentKeys: z.array(z.string()),
  /** Median time between its rotations, seconds, and how many intervals it is the median of; null below 1. */
  periodS: z.number().nullable(),
  intervals: z.number().int(),
  lastRotationMs: ms.nullable(),
  /** When the next rotation was due, where its rhythm (or a policy of people) tells; null where it does not. */
  dueMs: ms.nullable(),
  overdue: z.boolean(),
  /** It shows so many new keys an hour that no rotations are told for those hours (FM-19). */
  churning: z.boolean(),
  coverage,
  exposure,
});
export type KeyGroupView = z.infer<typeof keyGroupView>;

/** A rotation that was announced and of which no new key was seen. */
const missingRotation = z.object({
  changeId: z.string(),
  title: z.string(),
  atMs: ms,
  endpoint: z.string().nullable(),
  node: z.string().nullable(),
  /** `missing`: keys were seen and no new one. `pending`: it is too early. `unknown`: no telemetry tells of keys there. */
  verdict: z.enum(["missing", "pending", "unknown"]),
});

export const revocationView = z.object({
  eventId: z.string(),
  keyName: z.string(),
  revokedMs: ms,
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  /** `proved`: every node of its group was heard since and none accepted it. */
  verdict: z.enum(["proved", "accepting", "unknown"]),
  sentence: z.string(),
  nodes: z.array(
    keyPlace.extend({
      verdict: z.enum(["proved", "accepting", "unknown"]),
      /** Tickets of the key that were accepted since; has to be 0. null: the node told nothing of keys since. */
      accepted: z.number().int().nullable(),
      refused: z.number().int(),
      lastAcceptedMs: ms.nullable(),
      /** When the node last told anything of any key. */
      heardMs: ms.nullable(),
    }),
  ),
});
export type RevocationView = z.infer<typeof revocationView>;

const share = z.object({
  accepted: z.number().int(),
  offered: z.number().int(),
  /** Wilson 95 %; null without offers. */
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** Agreement as telemetry tells it: which key's tickets which node of an endpoint accepted within the window. */
const agreement = z.object({
  endpoint: z.string().nullable(),
  byKey: z.array(
    share.extend({ keyName: z.string(), endpoint: z.string().nullable(), node: z.string().nullable() }),
  ),
  /**
   * Issuer x acceptor, by node name: offers at `to` of keys that `from` issued. A key that several nodes issue counts for each
   * of them: whether `to` opens a ticket hangs on the key alone. Empty where issuing is not seen.
   */
  pairs: z.array(share.extend({ from: z.string(), to: z.string() })),
  kind: z.enum(["unknown", "agree", "unshared", "misfits", "groups", "mixed"]),
  misfits: z.array(z.string()),
  sentence: z.string(),
});
export type KeyAgreementView = z.infer<typeof agreement>;

export const keyEventView = z.object({
  id: z.string(),
  atMs: ms,
  keyName: z.string(),
  action: z.enum(KEY_ACTIONS),
  endpoint: z.string().nullable(),
  node: z.string().nullable(),
  keyGroup: z.string().nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  via: z.string(),
  recordedMs: ms,
});

export const keysReply = z.object({
  fromMs: ms,
  toMs: ms,
  nowMs: ms,
  /** First and last moment of which any key is known; null: nothing tells of keys. */
  knownFromMs: ms.nullable(),
  newestMs: ms.nullable(),
  exposure,
  groups: z.array(keyGroupView),
  /** Newest first. */
  keys: z.array(keyRow),
  /** Keys before the cap on their number. */
  keysTotal: z.number().int(),
  /** Newest first. */
  rotations: z.array(rotationView),
  missing: z.array(missingRotation),
  revocations: z.array(revocationView),
  agreement: z.array(agreement),
  events: z.array(keyEventView),
  /** Uses beyond the limit of names a node and hour: a node that makes a key for every connection (FM-19) shows here. */
  beyondLimit: z.array(keyPlace.extend({ uses: z.number().int() })),
});
export type KeysReply = z.infer<typeof keysReply>;

export const keyUsesParams = windowParams;
/** /api/keys/{key}: uses of one key over time. */
export const keyUsesReply = z.object({
  keyName: z.string(),
  fromMs: ms,
  toMs: ms,
  stepMs: z.number().int(),
  /** One for each node and use that was seen in the window; steps without any are left out. */
  series: z.array(
    keyPlace.extend({
      use: z.enum(["issued", "accepted", "refused", "loaded"]),
      points: z.array(z.object({ t: ms, count: z.number().int() })),
    }),
  ),
});
export type KeyUsesReply = z.infer<typeof keyUsesReply>;

/** POST /api/keys: what a person says was done with a key. Parts of the scope that are left out apply to all. */
export const keyEventBody = z.object({
  keyName: keyHash,
  action: z.enum(KEY_ACTIONS),
  /** Epoch ms; now where it is left out. */
  atMs: ms.min(0).optional(),
  endpoint: name.nullable(),
  node: name.nullable(),
  keyGroup: name.nullable(),
  actor: name.nullable(),
  reason: z.string().max(500).nullish(),
});
export type KeyEventBody = z.infer<typeof keyEventBody>;

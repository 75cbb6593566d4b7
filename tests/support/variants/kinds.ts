/** Signatures of DOMAIN.md section 4 that are written into rows of quiet times. */
import { binomial, type Dice, returnedWithin } from "./random.ts";
import { resumedBy } from "./resample.ts";
import { type Row, total } from "./scenario.ts";

/** What an effect may look at. `depth` 0…1 is drawn for each fault, `hours` since its start, `length` of it. */
export type Moment = {
  readonly hours: number;
  readonly lengthHours: number;
  readonly depth: number;
  readonly nodes: number;
  readonly rich: boolean;
  readonly random: Dice;
};
export type Kind = {
  readonly kind: string;
  /** Not one of the kinds that the benchmark names: "unknown" is right too. */
  readonly novel?: boolean;
  readonly harmless?: boolean;
  readonly signal?: string;
  readonly slow?: boolean;
  readonly nodes: "all" | "one" | "some";
  /** Whether one client family alone is hit. */
  readonly family?: boolean;
  readonly everyEndpoint?: boolean;
  readonly needs: readonly string[];
  readonly depth: readonly [number, number];
  readonly hours: readonly [number, number];
  /** Type and component of the change that leads to it, with the part of faults for which it is recorded. */
  readonly changes: readonly (readonly [string, string])[];
  readonly recorded: number;
  readonly effect: (row: Row, at: Moment) => void;
};

const TICKETS = ["ticket", "psk", "0rtt"];
const ALL = [...TICKETS, "session_id"];

/** Moves a part of the resumptions to full handshakes for a reason; durations go along. */
function lose(row: Row, from: readonly string[], part: number, reason: string, at: Moment): void {
  const resumed = total(row, "resumed");
  const full = total(row, "full");
  const eachResumed = resumed > 0 ? row.ms[1] / resumed : 20;
  const eachFull = full > 0 ? row.ms[0] / full : 1.6 * eachResumed;
  for (const key of Object.keys(row.c).filter((one) => resumedBy(one, from))) {
    const lost = binomial(at.random, row.c[key] ?? 0, Math.min(1, Math.max(0, part)));
    if (lost === 0) continue;
    row.c[key] = (row.c[key] ?? 0) - lost;
    if (row.c[key] === 0) delete row.c[key];
    const mechanism = (key.split("|")[0] ?? "none").replace("0rtt", "psk");
    const to = !at.rich
      ? "none|full"
      : reason === "none_offered"
        ? "none|full|none_offered"
        : `${mechanism}|full|${reason}`;
    row.c[to] = (row.c[to] ?? 0) + lost;
    row.ms = [row.ms[0] + lost * eachFull, row.ms[1] - lost * eachResumed, row.ms[2]];
  }
}

/** As many more of every result, or of those that `of` names, as a factor says. */
function multiply(row: Row, factor: number, random: Dice, of: (key: string) => boolean = () => true): void {
  const full = total(row, "full");
  const resumed = total(row, "resumed");
  for (const key of Object.keys(row.c).filter(of)) {
    const n = row.c[key] ?? 0;
    const whole = Math.floor(factor);
    row.c[key] = n * whole + binomial(random, n, factor - whole);
    if (row.c[key] === 0) delete row.c[key];
  }
  slower(row, total(row, "full") / Math.max(1, full), total(row, "resumed") / Math.max(1, resumed));
}
function slower(row: Row, full: number, resumed: number): void {
  row.ms = [row.ms[0] * full, row.ms[1] * resumed, row.ms[2]];
}
function refuseEarly(row: Row, part: number, at: Moment): void {
  const n = binomial(at.random, row.c["0rtt|resumed"] ?? 0, part);
  if (n === 0) return;
  row.c["0rtt|resumed"] = (row.c["0rtt|resumed"] ?? 0) - n;
  if (row.c["0rtt|resumed"] === 0) delete row.c["0rtt|resumed"];
  const to = at.rich ? "psk|resumed|early_data_rejected" : "psk|resumed";
  row.c[to] = (row.c[to] ?? 0) + n;
}
/** Part of the tickets that were made before the fault began. */
const old = ({ hours }: Moment, median = 0.5): number => 1 - returnedWithin(hours + 0.04, median);
const ramp = ({ hours, lengthHours }: Moment): number => Math.min(1, Math.max(0, hours / lengthHours));
/** Adoption of a release. */
const adopted = (at: Moment): number => 1 / (1 + Math.exp(-9 * (ramp(at) - 0.45)));

const step = { nodes: "all", hours: [2, 12], recorded: 0.75 } as const;

export const KINDS: readonly Kind[] = [
  {
    ...{ ...step, kind: "cache_down", novel: true, needs: ["session_id"], depth: [0.5, 1] },
    changes: [
      ["config_change", "network"],
      ["cache_restart", "cache"],
    ],
    effect: (row, at) => lose(row, ["session_id"], at.depth, "cache_miss", at),
  },
  {
    ...{ ...step, kind: "stickiness_lost", needs: ["session_id"], depth: [0.6, 0.95] },
    changes: [["config_change", "lb"]],
    effect: (row, at) => lose(row, ["session_id"], at.depth * (1 - 1 / at.nodes), "cache_miss", at),
  },
  {
    ...{ ...step, kind: "lifetime_shortened", needs: TICKETS, depth: [0.12, 0.45] },
    changes: [["config_change", "tls"]],
    effect: (row, at) => {
      lose(row, TICKETS, at.depth * 0.75, "expired", at);
      lose(row, TICKETS, at.depth * 0.25, "none_offered", at);
    },
  },
  {
    ...{ ...step, kind: "clock_skew", novel: true, nodes: "one", needs: TICKETS, depth: [0.2, 0.9] },
    ...{ changes: [["deploy", "maintenance"]], recorded: 0 },
    effect: (row, at) => {
      lose(row, TICKETS, at.depth, "expired", at);
      refuseEarly(row, 1, at);
    },
  },
  {
    ...{ ...step, kind: "client_auth_on", novel: true, needs: TICKETS, depth: [0.9, 1] },
    changes: [["config_change", "tls"]],
    effect: (row, at) => {
      lose(row, ALL, at.depth * old(at, 1), "context_mismatch", at);
      lose(row, ALL, at.depth, "none_offered", at);
      slower(row, 1.25, 1);
    },
  },
  {
    ...{ ...step, kind: "hash_mismatch", novel: true, family: true, needs: TICKETS, depth: [0.3, 0.95] },
    changes: [
      ["config_change", "tls"],
      ["deploy", "tls"],
    ],
    effect: (row, at) => lose(row, TICKETS, at.depth, "context_mismatch", at),
  },
  {
    ...{ ...step, kind: "unique_keys", novel: true, nodes: "one", needs: TICKETS, depth: [0.7, 0.97] },
    changes: [["deploy", "proxy"]],
    effect: (row, at) => lose(row, TICKETS, at.depth, "unknown_key", at),
  },
  {
    ...{ ...step, kind: "tickets_disabled", needs: TICKETS, depth: [0.7, 1] },
    changes: [["config_change", "tls"]],
    effect: (row, at) => {
      lose(row, ALL, at.depth * old(at, 0.7), "disabled", at);
      lose(row, ALL, at.depth, "none_offered", at);
    },
  },
  {
    ...{ ...step, kind: "keys_not_shared", novel: true, needs: TICKETS, depth: [0.8, 1] },
    changes: [["config_change", "lb"]],
    effect: (row, at) => lose(row, TICKETS, at.depth * (1 - 1 / at.nodes), "unknown_key", at),
  },
  {
    ...{ ...step, kind: "anti_replay_store", novel: true, signal: "early_data", nodes: "some" },
    ...{ needs: ["0rtt"], depth: [0.6, 1], hours: [0.3, 1.5], changes: [["deploy", "proxy"]] },
    effect: (row, at) => refuseEarly(row, at.depth, at),
  },
  {
    ...{ ...step, kind: "cache_slow", novel: true, signal: "latency", needs: ["session_id"] },
    ...{ depth: [0.3, 1.5], changes: [["config_change", "cache"]] },
    effect: (row, at) => {
      const part = (row.c["session_id|resumed"] ?? 0) / Math.max(1, total(row, "resumed"));
      slower(row, 1, 1 + at.depth * part);
    },
  },
  {
    ...{
      ...step,
      kind: "handshakes_fail",
      novel: true,
      signal: "failures",
      needs: TICKETS,
      depth: [0.06, 0.25],
    },
    changes: [
      ["deploy", "proxy"],
      ["config_change", "tls"],
    ],
    effect: (row, at) => {
      const resumed = total(row, "resumed");
      for (const key of Object.keys(row.c).filter((one) => resumedBy(one, TICKETS))) {
        const n = binomial(at.random, row.c[key] ?? 0, at.depth);
        row.c[key] = (row.c[key] ?? 0) - n;
        row.c["none|failed"] = (row.c["none|failed"] ?? 0) + n;
      }
      slower(row, 1, total(row, "resumed") / Math.max(1, resumed));
    },
  },
  {
    ...{ ...step, kind: "reload_drops_keys", nodes: "some", needs: TICKETS, depth: [0.8, 1] },
    ...{ changes: [["deploy", "proxy"]], everyEndpoint: true },
    effect: (row, at) => {
      lose(row, TICKETS, at.depth * old(at, 1.5), "unknown_key", at);
      slower(row, 1 + 0.35 * at.depth * old(at, 1.5), 1 + 0.25 * at.depth * old(at, 1.5));
    },
  },
  {
    ...{ ...step, kind: "rotation_no_retain", needs: TICKETS, depth: [0.8, 1], everyEndpoint: true },
    changes: [["key_rotation", "tls"]],
    effect: (row, at) => lose(row, TICKETS, at.depth * old(at, 0.8), "unknown_key", at),
  },
  {
    ...{ ...step, kind: "propagation_race", novel: true, nodes: "some", needs: TICKETS, depth: [0.5, 0.9] },
    ...{ hours: [0.17, 0.34], changes: [["key_rotation", "tls"]] },
    effect: (row, at) => lose(row, TICKETS, at.depth, "unknown_key", at),
  },
  {
    ...{ ...step, kind: "slow_leak", slow: true, needs: TICKETS, depth: [0.06, 0.2], hours: [24, 44] },
    changes: [
      ["deploy", "proxy"],
      ["config_change", "proxy"],
    ],
    effect: (row, at) => lose(row, TICKETS, at.depth * ramp(at), "unknown_key", at),
  },
  {
    ...{ ...step, kind: "client_release", slow: true, family: true, needs: TICKETS, depth: [0.4, 0.9] },
    ...{ hours: [28, 48], changes: [["client_release", "app"]], recorded: 0.5 },
    effect: (row, at) => lose(row, ALL, at.depth * adopted(at), "none_offered", at),
  },
  {
    ...{ ...step, kind: "reconnect_storm", harmless: true, needs: [], depth: [1, 3], hours: [0.2, 0.5] },
    ...{ changes: [], recorded: 0 },
    effect: (row, at) => multiply(row, 1 + at.depth, at.random),
  },
  {
    ...{ ...step, kind: "keep_alive_longer", harmless: true, needs: TICKETS, depth: [0.25, 0.5] },
    ...{ hours: [12, 24], changes: [["config_change", "proxy"]] },
    effect: (row, at) => multiply(row, 1 - at.depth, at.random, (key) => key.includes("|resumed")),
  },
  {
    ...{ ...step, kind: "exporter_weighs_requests", harmless: true, needs: TICKETS, depth: [1, 3] },
    changes: [["deploy", "logging"]],
    effect: (row, at) => {
      multiply(row, 1 + at.depth, at.random, (key) => key.includes("|resumed"));
    },
  },
  {
    ...{ ...step, kind: "exporter_loses_flag", harmless: true, nodes: "one", needs: ALL, depth: [0.5, 1] },
    changes: [["deploy", "logging"]],
    effect: (row, at) => {
      const before = row.ms[0] + row.ms[1];
      lose(row, ALL, at.depth, "none_offered", at);
      // The handshakes were as quick as ever: only their name is wrong.
      row.ms = [before - row.ms[1], row.ms[1], row.ms[2]];
    },
  },
];

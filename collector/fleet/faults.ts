import type { ChangeKind } from "../../lib/domain/vocabulary.ts";
import type { Fleet, Scope } from "./fleet.ts";
import { type LabNode, SESSION_TIMEOUT_S } from "./node.ts";

/** What an operator would have noted of it. */
export type Told = { readonly kind: ChangeKind; readonly title: string; readonly scope: Scope };
type Part = keyof Scope;

export type Fault = {
  readonly name: string;
  readonly about: string;
  /** What it can be confined to. */
  readonly parts: readonly Part[];
  /** Does it, and answers the changes to record; none where nobody would know of it. */
  readonly run: (fleet: Fleet, scope: Scope) => Told[];
  /** Ends what lasts, in a scope, and answers the same; nothing lasts where there is no such thing. */
  readonly end?: (fleet: Fleet, scope: Scope) => Told[];
};

const FLOOD_TIMES = 2;

/** One name where they share it. */
function shared(nodes: readonly LabNode[]): Scope {
  const only = (part: Part): string | undefined => {
    const names = new Set(nodes.map(({ options }) => options[part]));
    return names.size === 1 ? [...names][0] : undefined;
  };
  return { endpoint: only("endpoint"), node: only("node") };
}

/** Puts back those nodes of a scope that are out of order. */
function putBack(
  nodes: readonly LabNode[],
  told: Omit<Told, "scope">,
  how: { readonly isOff: (node: LabNode) => boolean; readonly back: (node: LabNode) => void },
): Told[] {
  const off = nodes.filter(how.isOff);
  for (const node of off) how.back(node);
  return off.length ? [{ ...told, scope: shared(off) }] : [];
}

/** The node that a fault of one node takes where none is named. */
const usual = (fleet: Fleet): string => fleet.options.topology.machines[1]?.node ?? "";

/** Everything that can be done to the lab fleet while it runs, but `clear`. */
export const FAULTS: readonly Fault[] = [
  {
    name: "rotate-overlap",
    about: "new STEK on all nodes; the old one still decrypts for an hour (harmless)",
    parts: ["endpoint"],
    run: (fleet, scope) => {
      fleet.rotate(scope, SESSION_TIMEOUT_S * 1_000);
      return [{ kind: "key_rotation", title: "Rotated the STEK, the previous one kept for an hour", scope }];
    },
  },
  {
    name: "rotate-no-overlap",
    about: "new STEK on all nodes; the old one is gone at once (every ticket dies)",
    parts: ["endpoint"],
    run: (fleet, scope) => {
      fleet.rotate(scope, 0);
      return [{ kind: "key_rotation", title: "Rotated the STEK, the previous one dropped", scope }];
    },
  },
  {
    name: "desync-node",
    about: "one node gets keys of its own (tickets do not travel to and from it)",
    parts: ["endpoint", "node"],
    run: (fleet, { endpoint, node = usual(fleet) }) => {
      for (const each of fleet.nodesOf({ endpoint, node })) each.desynchronise();
      return [{ kind: "reload", title: `Reloaded ${node}`, scope: { endpoint, node } }];
    },
    end: (fleet, scope) =>
      putBack(
        fleet.nodesOf(scope),
        { kind: "reload", title: "Handed out the shared keys again" },
        { isOff: (node) => node.isDesynchronised, back: (node) => node.synchronise() },
      ),
  },
  {
    name: "cache-flush",
    about: "session caches emptied (TLS 1.2 session ids die)",
    parts: ["endpoint", "node"],
    run: (fleet, scope) => {
      for (const node of fleet.nodesOf(scope)) node.flushSessions();
      return [{ kind: "cache", title: "Emptied the session caches", scope }];
    },
  },
  {
    name: "tickets-off",
    about: "a configuration change switches tickets off",
    parts: ["endpoint", "node"],
    run: (fleet, { endpoint = fleet.options.topology.endpoints[0]?.name, node }) => {
      for (const each of fleet.nodesOf({ endpoint, node })) each.setTickets(false);
      return [{ kind: "config", title: "ssl_session_tickets off", scope: { endpoint, node } }];
    },
    end: (fleet, scope) =>
      putBack(
        fleet.nodesOf(scope),
        { kind: "config", title: "ssl_session_tickets on" },
        { isOff: (node) => !node.hasTickets, back: (node) => node.setTickets(true) },
      ),
  },
  {
    name: "bot-flood",
    about: `a scanner makes ${FLOOD_TIMES} times as many first-time handshakes as all others (nothing broke: who comes has changed, and nobody notes that down)`,
    parts: ["endpoint"],
    run: (fleet, { endpoint }) => {
      fleet.flood(FLOOD_TIMES, endpoint);
      return [];
    },
    end: (fleet) => {
      fleet.flood(0);
      return [];
    },
  },
  {
    name: "mute-node",
    about: "one node's log shipper dies: it goes on serving, and nobody hears of it",
    parts: ["endpoint", "node"],
    run: (fleet, { endpoint, node = usual(fleet) }) => {
      for (const each of fleet.nodesOf({ endpoint, node })) each.muted = true;
      return [];
    },
    end: (fleet, scope) => {
      for (const node of fleet.nodesOf(scope)) node.muted = false;
      return [];
    },
  },
];

/** Ends every lasting fault of a scope; answers the changes to record, none where nothing lasted. */
export const CLEAR: Fault = {
  name: "clear",
  about: "ends every lasting fault: keys in step again, tickets on, flood over, telemetry back",
  parts: ["endpoint", "node"],
  run: (fleet, scope) => FAULTS.flatMap(({ end }) => end?.(fleet, scope) ?? []),
};

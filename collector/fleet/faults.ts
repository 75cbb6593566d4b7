import type { ChangeKind } from "../../lib/domain/vocabulary.ts";
import type { Fleet } from "./fleet.ts";
import { SESSION_TIMEOUT_S } from "./node.ts";

export type Scope = { readonly endpoint?: string | undefined; readonly node?: string | undefined };
type Told = { readonly kind: ChangeKind; readonly title: string; readonly scope: Scope };
export type Fault = {
  readonly name: string;
  readonly about: string;
  /** Does it, and answers the changes to record: what an operator would have noted. */
  readonly run: (fleet: Fleet, scope: Scope) => Told[];
};

const FLOOD_PER_S = 60;

/** Everything that can be done to the lab fleet while it runs. */
export const FAULTS: readonly Fault[] = [
  {
    name: "rotate-overlap",
    about: "new STEK on all nodes; the old one still decrypts for an hour (harmless)",
    run: (fleet, { endpoint }) => {
      fleet.rotate({ endpoint }, SESSION_TIMEOUT_S * 1_000);
      return [
        {
          kind: "key_rotation",
          title: "Rotated the STEK, the previous one kept for an hour",
          scope: { endpoint },
        },
      ];
    },
  },
  {
    name: "rotate-no-overlap",
    about: "new STEK on all nodes; the old one is gone at once (every ticket dies)",
    run: (fleet, { endpoint }) => {
      fleet.rotate({ endpoint }, 0);
      return [
        { kind: "key_rotation", title: "Rotated the STEK, the previous one dropped", scope: { endpoint } },
      ];
    },
  },
  {
    name: "desync-node",
    about: "one node gets keys of its own (tickets do not travel to and from it)",
    run: (fleet, { endpoint, node = "edge-eu-2" }) => {
      for (const each of fleet.nodesOf({ endpoint, node })) each.desynchronise();
      return [{ kind: "reload", title: `Reloaded ${node}`, scope: { endpoint, node } }];
    },
  },
  {
    name: "cache-flush",
    about: "session caches emptied (TLS 1.2 session ids die)",
    run: (fleet, scope) => {
      for (const node of fleet.nodesOf(scope)) node.flushSessions();
      return [{ kind: "cache", title: "Emptied the session caches", scope }];
    },
  },
  {
    name: "tickets-off",
    about: "a configuration change switches tickets off",
    run: (fleet, { endpoint = "shop.example", node }) => {
      for (const each of fleet.nodesOf({ endpoint, node })) each.setTickets(false);
      return [{ kind: "config", title: "ssl_session_tickets off", scope: { endpoint, node } }];
    },
  },
  {
    name: "bot-flood",
    about: `a scanner makes ${FLOOD_PER_S} first-time handshakes a second (nothing broke: who comes has changed)`,
    run: (fleet) => {
      fleet.flood(FLOOD_PER_S);
      return [];
    },
  },
  {
    name: "clear",
    about: "ends every lasting fault: keys in step again, tickets on, flood over",
    run: (fleet) => {
      fleet.flood(0);
      for (const node of fleet.nodes) {
        node.synchronise();
        node.setTickets(true);
      }
      return [{ kind: "config", title: "Put keys and tickets back as they were", scope: {} }];
    },
  },
];

import type { MechanismProbe, NodeProbe, ProbeNode, ProbeStep, ProbeTiming } from "../../lib/domain/probe.ts";
import { MECHANISMS, type Mechanism, type Protocol } from "../../lib/domain/vocabulary.ts";
import { describeChain } from "./certificate.ts";
import type { EarlyDataTry } from "./early-data.ts";
import type { Completed, Handshake } from "./handshake.ts";
import { Purse } from "./purse.ts";
import { isStateful, keyNamesOf, nameOf, type Session } from "./session.ts";
import { testWeakKeys } from "./weak-keys.ts";

/** What a visit wants of the world: connections to one target's nodes, within its limits. */
export type Caller = {
  shake(node: ProbeNode, what: Ask): Promise<Handshake>;
  earlyData(node: ProbeNode, session: Session): Promise<EarlyDataTry>;
  readonly otherServerName: string | null;
  readonly protocols: readonly ("TLSv1.2" | "TLSv1.3")[];
  readonly tryOldProtocols: boolean;
};
export type Ask = {
  readonly protocol: Exclude<Protocol, "SSLv3">;
  readonly tickets?: boolean;
  readonly session?: Session | null;
  readonly underOtherName?: boolean;
};

/** Tickets that a node issued under a key of this name, hexadecimal as on the wire. */
export type Issued = {
  readonly keyName: string;
  readonly count: number;
  readonly lifetimeHintS: number | null;
};
export type Visit = {
  readonly node: ProbeNode;
  /** `keyNames` still as on the wire: for hashing at once. */
  readonly probe: NodeProbe;
  readonly issued: readonly Issued[];
  readonly purse: Purse;
};

const NOTHING: MechanismProbe = {
  issued: null,
  accepted: null,
  reason: null,
  tickets: null,
  lifetimeHintS: null,
  ticketBytes: null,
  stateful: null,
  keyNames: [],
};

/** Visits one node: full handshakes, each way to resume, protocols, early data, another name. Never throws. */
export async function visitNode(node: ProbeNode, caller: Caller): Promise<Visit> {
  const visit = new NodeVisit(node, caller);
  await visit.run();
  return await visit.result();
}

class NodeVisit {
  readonly #node: ProbeNode;
  readonly #caller: Caller;
  readonly #purse: Purse;
  readonly #timings: ProbeTiming[] = [];
  readonly #sessions: Session[] = [];
  readonly #protocols: Partial<Record<Protocol, boolean | null>> = {};
  readonly #mechanisms: Record<Mechanism, MechanismProbe> = {
    session_id: NOTHING,
    ticket: NOTHING,
    psk: NOTHING,
  };
  #newest: Completed | null = null;
  #failure: NodeProbe["failure"] = null;
  #earlyData: NodeProbe["earlyData"] = { maxBytes: null, accepted: null, acceptedTwice: null, reason: null };
  #otherName: NodeProbe["otherName"] = { accepted: null, reason: "no other name is configured" };

  constructor(node: ProbeNode, caller: Caller) {
    this.#node = node;
    this.#caller = caller;
    this.#purse = new Purse((mechanism) => this.#mint(mechanism));
  }

  async run(): Promise<void> {
    for (const mechanism of ["psk", "ticket", "session_id"] as const) {
      if (!this.#caller.protocols.includes(mechanism === "psk" ? "TLSv1.3" : "TLSv1.2")) continue;
      // Without a full handshake of this protocol there is nothing to try; without any answer nothing more at all.
      if (mechanism === "session_id" && this.#protocols["TLSv1.2"] !== true) continue;
      if (this.#failure && this.#newest === null && isFinal(this.#failure)) return;
      await this.#try(mechanism);
    }
    if (this.#newest === null) return;
    this.#failure = null;
    await this.#secondTicket();
    if (this.#caller.tryOldProtocols)
      for (const old of ["TLSv1", "TLSv1.1"] as const) await this.#tryOld(old);
    await this.#tryOtherName();
    await this.#tryEarlyData();
  }

  /** One full handshake, and one that offers its session to the same node. */
  async #try(mechanism: Mechanism): Promise<void> {
    const full = await this.#mint(mechanism);
    if (!full) return;
    const mine = full.filter((session) => Purse.suits(session, mechanism));
    this.#purse.add(mechanism, mine);
    const session = await this.#purse.take(mechanism);
    const [first] = mine;
    if (!session || !first) {
      this.#mechanisms[mechanism] = { ...NOTHING, issued: false };
      return;
    }
    const again = await this.#shake(mechanism, { ...askOf(mechanism), session });
    this.#mechanisms[mechanism] = {
      issued: true,
      accepted: again.ok ? again.resumed : null,
      reason: again.ok ? (again.resumed ? null : "refused by the node that issued it") : again.failure.detail,
      tickets: mechanism === "session_id" ? null : mine.length,
      lifetimeHintS: first.lifetimeHintS,
      ticketBytes: first.ticket?.length ?? null,
      stateful: isStateful(first),
      keyNames: [],
    };
  }

  /** A full handshake; answers the sessions that came with it, null when it failed. */
  async #mint(mechanism: Mechanism): Promise<Session[] | null> {
    const step = mechanism === "psk" ? "full_tls13" : "full_tls12";
    const full = await this.#shake(step, askOf(mechanism));
    const protocol = mechanism === "psk" ? "TLSv1.3" : "TLSv1.2";
    if (!full.ok) {
      this.#failure ??= full.failure;
      this.#protocols[protocol] ??= isRefusal(full) ? false : null;
      return null;
    }
    this.#protocols[protocol] = true;
    // TLS 1.3 comes first and describes the node, where it is spoken.
    if (!this.#newest || full.protocol === this.#newest.protocol) this.#newest = full;
    this.#sessions.push(...full.sessions);
    return [...full.sessions];
  }

  async #shake(step: ProbeStep, ask: Ask): Promise<Handshake> {
    const done = await this.#caller.shake(this.#node, ask);
    if (done.ok) {
      const { connectUs, handshakeUs, resumed } = done;
      this.#timings.push({ step, connectUs, handshakeUs, resumed });
    }
    return done;
  }

  /** A key's name shows only where two tickets have it in common. */
  async #secondTicket(): Promise<void> {
    const tickets = this.#tickets();
    if (tickets.length !== 1 || this.#sessions.some((session) => isStateful(session))) return;
    const mechanism = this.#mechanisms.psk.issued ? "psk" : "ticket";
    const more = await this.#mint(mechanism);
    this.#purse.add(
      mechanism,
      (more ?? []).filter((session) => Purse.suits(session, mechanism)),
    );
  }

  #tickets(): Buffer[] {
    return this.#sessions.flatMap(({ ticket }) => ticket ?? []);
  }

  async #tryOld(protocol: "TLSv1" | "TLSv1.1"): Promise<void> {
    const done = await this.#caller.shake(this.#node, { protocol });
    this.#protocols[protocol] = done.ok ? true : isRefusal(done) ? false : null;
  }

  async #tryOtherName(): Promise<void> {
    if (this.#caller.otherServerName === null) return;
    const offers = (["psk", "ticket"] as const).filter((mechanism) => this.#mechanisms[mechanism].accepted);
    this.#otherName = { accepted: null, reason: "this node resumes no session that could be offered" };
    for (const mechanism of offers) {
      const session = await this.#purse.take(mechanism);
      if (!session) continue;
      const done = await this.#caller.shake(this.#node, {
        ...{ ...askOf(mechanism), session, underOtherName: true },
      });
      if (done.ok && done.resumed) {
        this.#otherName = { accepted: true, reason: null };
        return;
      }
      // A refused handshake resumes nothing either.
      const refused = done.ok || isRefusal(done);
      this.#otherName = { accepted: refused ? false : null, reason: done.ok ? null : done.failure.detail };
    }
  }

  async #tryEarlyData(): Promise<void> {
    const tickets = this.#sessions.filter(({ protocol, ticket }) => protocol === "TLSv1.3" && ticket);
    if (tickets.length === 0) return;
    const maxBytes = Math.max(...tickets.map((session) => session.maxEarlyDataBytes));
    this.#earlyData = { maxBytes, accepted: null, acceptedTwice: null, reason: "not offered" };
    if (maxBytes === 0) return;
    if (this.#newest?.alpn && this.#newest.alpn !== "http/1.1") {
      this.#earlyData = { ...this.#earlyData, reason: `tried over HTTP/1.1 only, not ${this.#newest.alpn}` };
      return;
    }
    const session = await this.#purse.take("psk");
    if (!session) return;
    const once = await this.#caller.earlyData(this.#node, session);
    const twice = once.accepted ? await this.#caller.earlyData(this.#node, session) : null;
    this.#earlyData = { maxBytes, ...once, acceptedTwice: twice?.accepted ?? null };
  }

  async result(): Promise<Visit> {
    const newest = this.#newest;
    const names = keyNamesOf(this.#tickets());
    for (const mechanism of MECHANISMS) this.#nameKeys(mechanism, names);
    return {
      node: this.#node,
      purse: this.#purse,
      issued: names.map((keyName) => this.#issuedUnder(keyName)),
      probe: {
        address: this.#node.address,
        failure: this.#failure,
        timings: this.#timings,
        protocols: this.#protocols,
        protocol: newest?.protocol ?? null,
        cipher: newest?.cipher ?? null,
        group: newest?.group ?? null,
        alpn: newest?.alpn ?? null,
        mechanisms: this.#mechanisms,
        certificate: newest && describeChain(newest.chain, newest.distrust),
        earlyData: this.#earlyData,
        otherName: this.#otherName,
        weakKeys: await testWeakKeys(this.#sessions),
      },
    };
  }

  #issuedUnder(keyName: string): Issued {
    const under = this.#sessions.filter((session) => nameOf(session) === keyName);
    const hints = under.flatMap((session) => session.lifetimeHintS ?? []);
    return { keyName, count: under.length, lifetimeHintS: hints.at(-1) ?? null };
  }

  #nameKeys(mechanism: Mechanism, names: readonly string[]): void {
    const protocol = mechanism === "psk" ? "TLSv1.3" : "TLSv1.2";
    const own = this.#sessions.filter((session) => session.protocol === protocol).map(nameOf);
    const keyNames = names.filter((name) => own.includes(name));
    if (mechanism !== "session_id")
      this.#mechanisms[mechanism] = { ...this.#mechanisms[mechanism], keyNames };
  }
}

/** How a session of a mechanism is asked for and offered. */
export function askOf(mechanism: Mechanism): Ask {
  return { protocol: mechanism === "psk" ? "TLSv1.3" : "TLSv1.2", tickets: mechanism !== "session_id" };
}

/** Whether the server answered, and said no. */
function isRefusal(done: Handshake): boolean {
  return !done.ok && done.connected && (done.failure.problem === "alert" || done.failure.problem === "reset");
}

/** Whether another protocol would fare no better. */
function isFinal({ problem }: NonNullable<NodeProbe["failure"]>): boolean {
  return problem !== "alert" && problem !== "reset";
}

import type { KeyUse } from "../../lib/domain/keys.ts";
import type { MechanismProbe, NodeProbe, ProbeNode, ProbeSpec } from "../../lib/domain/probe.ts";
import { MECHANISMS, type Mechanism } from "../../lib/domain/vocabulary.ts";
import type { EarlyDataTry } from "./early-data.ts";
import type { Handshake, HandshakeRequest, ProbeFiles } from "./handshake.ts";
import { inTurn, pairsInTurn } from "./pairs.ts";
import { Purse } from "./purse.ts";
import { refusalReason } from "./refusal.ts";
import { nameOf, type Session } from "./session.ts";
import { type Ask, askOf, type Caller, type Visit, visitNode } from "./visit.ts";

/** What one round is about. */
export type RoundTarget = {
  readonly id: string;
  readonly spec: ProbeSpec;
  readonly files: ProbeFiles;
  /** Rounds so far: whose turn it is in big pools. */
  readonly round: number;
  /** Nodes that failed lately and are left alone for now. */
  readonly resting?: ReadonlySet<string>;
};
export type RoundDeps = {
  readonly clock: () => number;
  readonly shake: (request: HandshakeRequest) => Promise<Handshake>;
  readonly earlyData: (request: HandshakeRequest & { session: Session }) => Promise<EarlyDataTry>;
  /** Does work when the limits allow it. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Keyed hash of a public key name, as for names in telemetry. */
  readonly hashKeyName: (keyName: string) => string;
  readonly signal: AbortSignal;
};

export type FoundNode = { readonly node: string; readonly atMs: number; readonly probe: NodeProbe };
export type FoundAgreement = {
  readonly fromNode: string;
  readonly toNode: string;
  readonly mechanism: Mechanism;
  readonly accepted: boolean | null;
  readonly reason: string | null;
  readonly atMs: number;
};
/** `keyName` is the public name, which only the pipeline turns into a hash. */
export type FoundKey = {
  readonly node: string;
  readonly keyName: string;
  readonly use: KeyUse;
  readonly count: number;
  readonly lifetimeHintS: number | null;
  readonly atMs: number;
};
export type Round = {
  readonly nodes: readonly FoundNode[];
  readonly agreements: readonly FoundAgreement[];
  readonly keys: readonly FoundKey[];
};

/** Nodes, and then pairs, that are worked on at the same time; the limits decide how many connections there are. */
const AT_ONCE = 4;

/** One round over a target: each node in turn, then sessions of one offered to others. Never throws for what a server does. */
export function probeRound(target: RoundTarget, deps: RoundDeps): Promise<Round> {
  return new RoundRun(target, deps).run();
}

type Seen = { readonly visit: Visit; readonly atMs: number };

class RoundRun {
  readonly #target: RoundTarget;
  readonly #deps: RoundDeps;
  readonly #seen = new Map<string, Seen>();
  readonly #purses = new Map<string, Purse>();
  readonly #agreements: FoundAgreement[] = [];
  readonly #keys: FoundKey[] = [];

  constructor(target: RoundTarget, deps: RoundDeps) {
    this.#target = target;
    this.#deps = deps;
  }

  async run(): Promise<Round> {
    const { spec, round, id } = this.#target;
    const turn = { most: spec.nodesPerRound, round, seed: id };
    const rests = ({ name }: ProbeNode): boolean => this.#target.resting?.has(name) ?? false;
    const nodes = inTurn(spec.nodes.length, turn)
      .map((index) => spec.nodes[index] as ProbeNode)
      .filter((node) => !rests(node));
    await inParallel(nodes, (node) => this.#visit(node));
    const pairs = pairsInTurn(spec.nodes.length, { ...turn, most: spec.pairsPerRound })
      .map(({ from, to }) => ({ from: spec.nodes[from] as ProbeNode, to: spec.nodes[to] as ProbeNode }))
      .filter(({ from, to }) => !rests(from) && !rests(to));
    await inParallel(pairs, ({ from, to }) => this.#compare(from, to));
    return {
      nodes: nodes.flatMap((node) => this.#foundNode(node)),
      agreements: this.#agreements,
      keys: this.#keys,
    };
  }

  async #visit(node: ProbeNode): Promise<void> {
    const atMs = this.#deps.clock();
    const visit = await visitNode(node, this.#caller());
    if (this.#deps.signal.aborted) return;
    this.#seen.set(node.name, { visit, atMs });
    this.#purses.set(node.name, visit.purse);
    for (const { keyName, ...issued } of visit.issued)
      this.#keys.push({
        ...{ node: node.name, use: "issued", keyName, atMs },
        ...issued,
      });
    for (const mechanism of MECHANISMS) {
      const { issued, accepted, reason } = visit.probe.mechanisms[mechanism];
      if (issued) this.#agree({ from: node, to: node, mechanism }, { accepted, reason });
    }
  }

  async #compare(from: ProbeNode, to: ProbeNode): Promise<void> {
    for (const mechanism of MECHANISMS) {
      if (!this.#isWorthIt(from, mechanism)) continue;
      const gone = this.#whyNot(from) ?? this.#whyNot(to);
      if (gone !== null) {
        this.#agree({ from, to, mechanism }, { accepted: null, reason: gone });
        continue;
      }
      const session = await this.#purseOf(from).take(mechanism);
      if (!session) continue;
      const done = await this.#shake(to, { ...askOf(mechanism), session });
      if (this.#deps.signal.aborted) return;
      if (!done.ok) {
        this.#agree({ from, to, mechanism }, { accepted: null, reason: done.failure.detail });
        continue;
      }
      this.#noteUse({ from, to }, session, done.resumed);
      const [a, b] = [this.#seen.get(from.name)?.visit, this.#seen.get(to.name)?.visit];
      const reason = done.resumed ? null : refusalReason(mechanism, { session, from: a, to: b });
      this.#agree({ from, to, mechanism }, { accepted: done.resumed, reason });
    }
  }

  /** Whether the issuer has such sessions at all; of a node whose turn it is not this is only known by asking. */
  #isWorthIt({ name }: ProbeNode, mechanism: Mechanism): boolean {
    const seen = this.#seen.get(name);
    const protocol = mechanism === "psk" ? "TLSv1.3" : "TLSv1.2";
    if (!this.#target.spec.protocols.includes(protocol)) return false;
    return seen?.visit.probe.mechanisms[mechanism].issued !== false;
  }

  #whyNot({ name }: ProbeNode): string | null {
    const failure = this.#seen.get(name)?.visit.probe.failure;
    return failure ? `${name}: ${failure.detail}` : null;
  }

  #purseOf(node: ProbeNode): Purse {
    const purse =
      this.#purses.get(node.name) ??
      new Purse(async (mechanism) => {
        const full = await this.#shake(node, askOf(mechanism));
        return full.ok ? full.sessions : null;
      });
    this.#purses.set(node.name, purse);
    return purse;
  }

  #agree(
    {
      from,
      to,
      mechanism,
    }: { readonly from: ProbeNode; readonly to: ProbeNode; readonly mechanism: Mechanism },
    told: Pick<FoundAgreement, "accepted" | "reason">,
  ): void {
    const atMs = this.#deps.clock();
    this.#agreements.push({ fromNode: from.name, toNode: to.name, mechanism, ...told, atMs });
  }

  /** That a node opened a ticket, or did not, says something of the key, where its name is one. */
  #noteUse(
    { from, to }: { readonly from: ProbeNode; readonly to: ProbeNode },
    session: Session,
    accepted: boolean,
  ): void {
    const keyName = nameOf(session);
    const isName = this.#seen.get(from.name)?.visit.issued.some((issued) => issued.keyName === keyName);
    if (!keyName || !isName) return;
    this.#keys.push({
      ...{ node: to.name, keyName, use: accepted ? "accepted" : "refused" },
      ...{ count: 1, lifetimeHintS: null, atMs: this.#deps.clock() },
    });
  }

  #foundNode({ name }: ProbeNode): FoundNode[] {
    const seen = this.#seen.get(name);
    if (!seen) return [];
    const { probe } = seen.visit;
    const hashed = (found: MechanismProbe): MechanismProbe => ({
      ...found,
      keyNames: found.keyNames.map(this.#deps.hashKeyName),
    });
    const { session_id, ticket, psk } = probe.mechanisms;
    const mechanisms = { session_id: hashed(session_id), ticket: hashed(ticket), psk: hashed(psk) };
    return [{ node: name, atMs: seen.atMs, probe: { ...probe, mechanisms } }];
  }

  #caller(): Caller {
    const { protocols, tryOldProtocols, otherServerName } = this.#target.spec;
    return {
      ...{ protocols, tryOldProtocols, otherServerName },
      shake: (node, ask) => this.#shake(node, ask),
      earlyData: (node, session) =>
        this.#deps.inTurn(() =>
          this.#deps.earlyData({ ...this.#request(node, { protocol: "TLSv1.3" }), session }),
        ),
    };
  }

  #shake(node: ProbeNode, ask: Ask): Promise<Handshake> {
    return this.#deps.inTurn(() => this.#deps.shake(this.#request(node, ask)));
  }

  #request(node: ProbeNode, ask: Ask): HandshakeRequest {
    const { spec, files } = this.#target;
    return {
      ...hostAndPort(node.address),
      serverName: ask.underOtherName ? spec.otherServerName : spec.serverName,
      alpn: spec.alpn,
      protocol: ask.protocol,
      tickets: ask.tickets ?? true,
      session: ask.session ?? null,
      timeoutMs: spec.timeoutMs,
      files,
      signal: this.#deps.signal,
    };
  }
}

/** host:port, [::1]:port. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: Number(address.slice(at + 1)) };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
